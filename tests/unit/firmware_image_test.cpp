// SPDX-License-Identifier: Apache-2.0
// The firmware walks a schedule image: a bigram model (embedding, one projection) is trained and asked for a text, on a
// functional chip that executes commands in any legal order, and held against the same model in double precision.
#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <utility>

#include "tests/support/op_record.h"
#include "tests/unit/firmware_mock_chip.h"

extern "C" {
#include "firmware/runtime/image.h"
#include "firmware/runtime/recording.h"
#include "firmware/runtime/runtime.h"
}

namespace gradus::test::firmware_image_test {
namespace {

constexpr std::uint32_t vocabulary = 7, width = 6, batch = 2, sequence = 5, tokens = batch * sequence, steps = 4;
constexpr float beta1 = 0.9F, beta2 = 0.95F, epsilon = 1e-8F, rate = 0.1F;

using Numbers = std::vector<double>;

struct Parameter {
    Numbers value, first, second;
    explicit Parameter(Numbers initial) : value(std::move(initial)), first(value.size()), second(value.size()) {}

    void update(const Numbers& gradient, unsigned step) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            first[i] = beta1 * first[i] + (1 - beta1) * gradient[i];
            second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i];
            const double m = first[i] / (1 - std::pow(beta1, step + 1)),
                         v = second[i] / (1 - std::pow(beta2, step + 1));
            value[i] -= rate * m / (std::sqrt(v) + epsilon);
        }
    }
};

/// The model in double precision.
struct Reference {
    Parameter table, projection;

    Numbers logits(std::uint32_t token) const {
        Numbers result(vocabulary);
        for (std::uint32_t v = 0; v < vocabulary; ++v)
            for (std::uint32_t i = 0; i < width; ++i)
                result[v] += table.value[token * width + i] * projection.value[i * vocabulary + v];
        return result;
    }

    double train(const std::vector<std::uint32_t>& inputs, const std::vector<std::uint32_t>& targets, unsigned step) {
        Numbers dtable(table.value.size()), dprojection(projection.value.size());
        double loss = 0;
        for (std::uint32_t t = 0; t < tokens; ++t) {
            Numbers p = logits(inputs[t]);
            double sum = 0;
            for (double& value : p)
                sum += value = std::exp(value);
            loss -= std::log(p[targets[t]] / sum) / tokens;
            for (std::uint32_t v = 0; v < vocabulary; ++v) {
                const double d = (p[v] / sum - (v == targets[t])) / tokens;
                for (std::uint32_t i = 0; i < width; ++i) {
                    dprojection[i * vocabulary + v] += d * table.value[inputs[t] * width + i];
                    dtable[inputs[t] * width + i] += d * projection.value[i * vocabulary + v];
                }
            }
        }
        table.update(dtable, step);
        projection.update(dprojection, step);
        return loss;
    }
};

/// Writes the image for the same model into the mock's DRAM.
class Image {
public:
    Image(MockChip& chip, unsigned seed) : chip_(chip), random_(seed) {
        table = tensor(vocabulary, width, true);
        projection = tensor(width, vocabulary, true);
        logits = tensor(tokens, vocabulary, false);
        generated = chip.allocate_dram(tokens * 4);
        loss = tensor(1, 1, false);
        address = chip.allocate_dram(bytes);
        header().step_offset = inputs_at;
        header().update_offset = updates_at;
        fill_inputs();
        add_ops();
        fill_header();
        chip.info.image_address = address;
    }

    image_header& header() const { return *reinterpret_cast<image_header*>(address); }
    Numbers values(const image_operand& tensor, std::size_t count) const {
        const auto* data = reinterpret_cast<const float*>(tensor.address);
        return {data, data + count};
    }

    std::uint64_t address = 0, generated = 0;
    image_operand table{}, projection{}, logits{}, loss{};
    std::vector<std::vector<std::uint32_t>> inputs, targets;

private:
    static constexpr std::uint64_t ops_at = 256, inputs_at = 8192, updates_at = 12288, bytes = 16384;

    image_operand tensor(std::uint32_t rows, std::uint32_t cols, bool random) {
        const std::uint64_t place = chip_.allocate_dram(std::uint64_t{rows} * cols * 4);
        for (std::uint32_t i = 0; random && i < rows * cols; ++i)
            reinterpret_cast<float*>(place)[i] = static_cast<float>(0.5 * std::normal_distribution<double>()(random_));
        return {place, cols * 4, 0, 0, 0, IMAGE_NO_OP, FORMAT_FP32, 0, {}};
    }

    static image_operand after(image_operand operand, std::uint32_t op) {
        operand.after = op;
        return operand;
    }

    OpRecord& add(unsigned kind, unsigned phase, std::uint32_t rows, std::uint32_t cols,
                  const std::vector<image_operand>& operands) {
        OpRecord& op = *reinterpret_cast<OpRecord*>(address + ops_at + header().op_count++ * sizeof(OpRecord));
        op.kind = static_cast<std::uint16_t>(kind);
        op.phase = static_cast<std::uint8_t>(phase);
        op.layer = COMMAND_NO_LAYER;
        op.dims[0] = rows;
        op.dims[1] = cols;
        op.outer_count = op.inner_count = 1;
        op.operand_count = operator_operands(kind);
        std::copy(operands.begin(), operands.end(), op.operand.begin());
        return op;
    }

    void fill_inputs() {
        header().step_stride = tokens * 12;
        for (unsigned step = 0; step < steps; ++step) {
            const std::uint32_t slot = (step + 1) % steps; // inputs lie where the record says, not by step
            auto* words = reinterpret_cast<std::uint32_t*>(address + inputs_at + std::uint64_t{slot} * tokens * 12);
            inputs.emplace_back();
            targets.emplace_back();
            for (std::uint32_t t = 0; t < tokens; ++t) {
                inputs.back().push_back(words[t] = random_() % vocabulary);
                targets.back().push_back(words[tokens + t] = (words[t] * 3 + 1) % vocabulary);
                reinterpret_cast<float*>(words)[2 * tokens + t] = 1.0F / tokens;
            }
            auto& update = *reinterpret_cast<image_update*>(address + updates_at + step * sizeof(image_update));
            update.step_size = static_cast<float>(rate / (1 - std::pow(beta1, step + 1)));
            update.correction = static_cast<float>(1 / (1 - std::pow(beta2, step + 1)));
            update.slot = slot;
        }
        header().update_stride = sizeof(image_update);
    }

    void add_ops() {
        const auto input = [&](std::uint32_t part) {
            return image_operand{address + inputs_at + part * tokens * 4,
                                 tokens * 4,
                                 0,
                                 0,
                                 header().step_stride,
                                 IMAGE_NO_OP,
                                 FORMAT_FP32,
                                 0,
                                 {}};
        };
        const auto x = tensor(tokens, width, false), p = tensor(tokens, vocabulary, false);
        const auto dlogits = tensor(tokens, vocabulary, false), dx = tensor(tokens, width, false);
        const auto dtable = tensor(vocabulary, width, false), dprojection = tensor(width, vocabulary, false);
        OpRecord& embed = add(OP_EMBED, COMMAND_PHASE_FORWARD, tokens, width, {x, table, {}, input(0)});
        embed.dims[2] = vocabulary;
        add(OP_MATMUL, COMMAND_PHASE_FORWARD, tokens, vocabulary, {logits, after(x, 0), projection}).dims[2] = width;
        add(OP_CROSS_ENTROPY, COMMAND_PHASE_FORWARD, tokens, vocabulary,
            {p, loss, after(logits, 1), input(1), input(2)});
        add(OP_CROSS_ENTROPY_BACKWARD, COMMAND_PHASE_BACKWARD, tokens, vocabulary,
            {dlogits, after(p, 2), input(1), input(2)});
        OpRecord& weights =
            add(OP_MATMUL, COMMAND_PHASE_BACKWARD, width, vocabulary, {dprojection, after(x, 0), after(dlogits, 3)});
        weights.dims[2] = tokens;
        weights.flags = OP_FLAG_TRANSPOSE_A;
        OpRecord& back = add(OP_MATMUL, COMMAND_PHASE_BACKWARD, tokens, width, {dx, after(dlogits, 3), projection});
        back.dims[2] = vocabulary;
        back.flags = OP_FLAG_TRANSPOSE_B;
        OpRecord& scatter =
            add(OP_EMBED_BACKWARD, COMMAND_PHASE_BACKWARD, tokens, width, {dtable, {}, after(dx, 5), input(0)});
        scatter.dims[2] = vocabulary;
        const auto adam = [&](const image_operand& parameter, const image_operand& gradient, std::uint16_t reader) {
            const std::uint32_t count = width * vocabulary;
            OpRecord& op = add(OP_ADAM, COMMAND_PHASE_UPDATE, 1, count,
                               {after(parameter, reader), gradient, tensor(1, count, false), tensor(1, count, false)});
            op.scalar[0] = beta1;
            op.scalar[1] = beta2;
            op.scalar[2] = epsilon;
        };
        adam(projection, after(dprojection, 4), 5);
        adam(table, after(dtable, 6), 0);
    }

    void fill_header() {
        image_header& h = header();
        h.magic = IMAGE_MAGIC;
        h.version = IMAGE_VERSION;
        h.bytes = bytes;
        h.op_bytes = sizeof(OpRecord);
        h.op_offset = ops_at;
        h.step_count = steps;
        h.batch = batch;
        h.sequence = sequence;
        h.vocabulary = vocabulary;
        h.loss_address = loss.address;
        h.generate_op_count = 2;
        h.logits_address = logits.address;
        h.logits_pitch = vocabulary * 4;
        h.tokens_address = generated;
        h.boundary_token = vocabulary - 1;
        h.temperature = 0;
        h.flags = IMAGE_RECORD;
        h.seed = 1;
    }

    MockChip& chip_;
    std::mt19937 random_;
};

float as_float(std::uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

struct SramAndRings {
    std::uint64_t sram_bytes;
    unsigned ring_entries;
};

class FirmwareTraining : public testing::TestWithParam<SramAndRings> {};

TEST_P(FirmwareTraining, RunsLikeDoublePrecisionAndGeneratesTheLikeliestTextAtTemperatureZero) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        MockParameters parameters;
        parameters.seed = seed;
        parameters.scratchpad_bytes = 4096;
        parameters.sram_bytes = GetParam().sram_bytes;
        parameters.ring_entries = GetParam().ring_entries;
        parameters.channels = 1 + seed % 4;
        MockChip chip(parameters);
        const Image built(chip, seed);
        Reference reference{Parameter(built.values(built.table, vocabulary * width)),
                            Parameter(built.values(built.projection, vocabulary * width))};
        runtime_init();
        image image;
        image_open(&image);
        for (unsigned step = 0; step < steps; ++step) {
            const double loss = reference.train(built.inputs[step], built.targets[step], step);
            EXPECT_NEAR(as_float(image_train_step(&image, step)), loss, 1e-5 * loss);
        }
        std::uint64_t random = 1;
        image_generate(&image, 3, &random);

        std::vector<std::uint64_t> text, expected;
        for (const Message& message : chip.messages)
            if (message.kind == MAILBOX_TEXT) {
                EXPECT_EQ(message.argument1, 3U);
                text.push_back(message.argument0);
            }
        std::uint32_t token = vocabulary - 1;
        for (std::uint32_t i = 0; i < sequence; ++i) {
            const Numbers logits = reference.logits(token);
            token = static_cast<std::uint32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
            expected.push_back(token);
            if (token == vocabulary - 1) break;
        }
        if (expected.back() != vocabulary - 1) expected.push_back(vocabulary - 1);
        EXPECT_EQ(text, expected);
    }
}

// 9 operators of 256 bytes: half of 64 KiB takes them all, half of 2 KiB takes two windows of two. A ring of 8
// descriptors is too short for a step, one of 4096 keeps it for the steps that follow.
INSTANTIATE_TEST_SUITE_P(WithTheOpTableInOnePieceAndInWindows, FirmwareTraining,
                         testing::Values(SramAndRings{65536, 8}, SramAndRings{2048, 8}));
INSTANTIATE_TEST_SUITE_P(FromRecordedLists, FirmwareTraining,
                         testing::Values(SramAndRings{65536, 4096}, SramAndRings{2048, 4096}));

TEST(FirmwareImage, SubmitsAStepOnceWhenTheRingsHoldIt) {
    for (const unsigned ring_entries : {8U, 4096U}) {
        MockParameters parameters;
        parameters.ring_entries = ring_entries;
        MockChip chip(parameters);
        const Image built(chip, 1);
        runtime_init();
        image image;
        image_open(&image);
        chip.submitted_one_by_one = chip.executed = 0;
        image_train_step(&image, 0);
        const unsigned first = std::exchange(chip.submitted_one_by_one, 0);
        const unsigned executed = std::exchange(chip.executed, 0);
        image_train_step(&image, 1);
        EXPECT_EQ(chip.submitted_one_by_one, ring_entries == 8 ? first : 0U);
        EXPECT_EQ(chip.executed, executed) << "the same commands";
        std::uint64_t random = 1;
        image_generate(&image, 0, &random);
        chip.submitted_one_by_one = 0;
        image_train_step(&image, 2);
        EXPECT_EQ(chip.submitted_one_by_one, first) << "generation took the rings";
    }
}

TEST(FirmwareImage, SubmitsEveryStepWhereItIsToldToOrHasNoMemoryForWhatChanges) {
    for (const bool told : {true, false}) {
        MockParameters parameters;
        parameters.ring_entries = 4096;
        MockChip chip(parameters);
        Image built(chip, 1);
        if (told) built.header().flags = 0;
        runtime_init();
        image image;
        image_open(&image);
        if (!told) recording_open(nullptr);
        chip.submitted_one_by_one = 0;
        image_train_step(&image, 0);
        const unsigned first = std::exchange(chip.submitted_one_by_one, 0);
        image_train_step(&image, 1);
        EXPECT_EQ(chip.submitted_one_by_one, first);
    }
}

TEST(FirmwareImage, AnnouncesEachPhaseOnceAStep) {
    MockChip chip({});
    const Image built(chip, 1);
    runtime_init();
    image image;
    image_open(&image);
    image_train_step(&image, 0);
    image_train_step(&image, 1);
    std::vector<std::uint64_t> phases;
    for (const Message& message : chip.messages) {
        EXPECT_EQ(message.kind, MAILBOX_PHASE);
        phases.push_back(message.argument0);
    }
    EXPECT_EQ(phases, (std::vector<std::uint64_t>{0, 1, 2, 3, 0, 1, 2, 3}));
}

TEST(FirmwareImage, SubmitsTheSameCommandsWhateverTheData) {
    std::vector<unsigned> executed;
    for (unsigned seed : {1U, 2U}) {
        MockChip chip({});
        const Image built(chip, seed);
        runtime_init();
        image image;
        image_open(&image);
        image_train_step(&image, 0);
        executed.push_back(chip.executed);
    }
    EXPECT_EQ(executed[0], executed[1]);
}

int code_of_open(const std::function<void(Image&, MockChip&)>& spoil) {
    MockChip chip({});
    Image built(chip, 1);
    spoil(built, chip);
    runtime_init();
    image image;
    try {
        image_open(&image);
        image_train_step(&image, 0);
    } catch (const FirmwareFailure& failure) {
        return failure.code;
    }
    return EXIT_DONE;
}

TEST(FirmwareImage, RefusesWhatItCannotRead) {
    EXPECT_EQ(code_of_open([](Image&, MockChip&) {}), EXIT_DONE);
    EXPECT_EQ(code_of_open([](Image&, MockChip& chip) { chip.info.image_address = 0; }), EXIT_IMAGE);
    EXPECT_EQ(code_of_open([](Image& image, MockChip&) { image.header().magic = 0; }), EXIT_IMAGE);
    EXPECT_EQ(code_of_open([](Image& image, MockChip&) { ++image.header().version; }), EXIT_IMAGE);
    EXPECT_EQ(code_of_open([](Image& image, MockChip&) { image.header().op_count = 0; }), EXIT_IMAGE);
    EXPECT_EQ(code_of_open([](Image& image, MockChip&) { image.header().flags = 4; }), EXIT_IMAGE);
    const auto first_op = [](Image& image) -> OpRecord& {
        return *reinterpret_cast<OpRecord*>(image.address + image.header().op_offset);
    };
    EXPECT_EQ(code_of_open([&](Image& image, MockChip&) { first_op(image).kind = 99; }), EXIT_IMAGE);
    EXPECT_EQ(code_of_open([&](Image& image, MockChip&) { first_op(image).operand[0].after = 5; }), EXIT_IMAGE);
    EXPECT_EQ(code_of_open([&](Image& image, MockChip&) { first_op(image).flags = OP_FLAG_CAUSAL; }), EXIT_IMAGE);
    EXPECT_EQ(code_of_open([&](Image& image, MockChip&) { first_op(image).operand[0].flags = OPERAND_ACCUMULATE; }),
              EXIT_IMAGE)
        << "an embedding overwrites its result";
    EXPECT_EQ(code_of_open([&](Image& image, MockChip&) { --first_op(image).operand_count; }), EXIT_IMAGE);
    EXPECT_EQ(code_of_open([&](Image& image, MockChip&) { first_op(image).operand[1].address = 0; }), EXIT_IMAGE)
        << "no table";
    EXPECT_EQ(code_of_open([](Image& image, MockChip&) { image.header().op_bytes = sizeof(image_op); }), EXIT_IMAGE)
        << "no room for operands";
}

} // namespace
} // namespace gradus::test::firmware_image_test
