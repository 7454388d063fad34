// SPDX-License-Identifier: Apache-2.0
// Steps of several micro-batches: what is trained is what a step of all their sequences at once trains.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include <gtest/gtest.h>

#include "ip/common/command.h"
#include "platform/schedule/schedule.h"
#include "tests/support/image_interpreter.h"
#include "tests/support/random_models.h"

namespace gradus::schedule::schedule_accumulate_test {
namespace {

using test::ImageInterpreter;

struct Chip {
    explicit Chip(const test::RandomModel& of)
        : schedule(build(of.model, of.run, test::small_dram)),
          chip(schedule.image, schedule.image_range.base, memory_of(schedule), ImageInterpreter::Storage::fp64) {
        for (const Tensor& tensor : schedule.tensors)
            chip.write(tensor.address, initial_values(tensor, of.model, of.run.seed));
    }
    static ip::AddressRange memory_of(const Schedule& schedule) {
        std::uint64_t end = 0;
        for (const Tensor& tensor : schedule.tensors)
            end = std::max(end, tensor.address + tensor.bytes());
        return {schedule.image_range.end(), end - schedule.image_range.end()};
    }
    std::vector<double> values_of(const std::string& name) const {
        const Tensor& tensor = *schedule.find(name);
        return chip.read(tensor.address, tensor.rows * tensor.cols);
    }

    Schedule schedule;
    ImageInterpreter chip;
};

test::RandomModel model_of(std::uint64_t seed, unsigned batch, unsigned accumulate) {
    test::RandomModel random = test::random_model(seed);
    random.run.batch = batch;
    random.run.accumulate = accumulate;
    return random;
}

class AccumulationOfRandomModel : public testing::TestWithParam<std::uint64_t> {};

// Documents of different lengths: a micro-batch of few tokens counts for less than one of many.
TEST_P(AccumulationOfRandomModel, TrainsAsAStepOfAllSequencesDoes) {
    const std::uint64_t seed = GetParam();
    const auto batch = static_cast<unsigned>(1 + seed % 2), micro_batches = static_cast<unsigned>(2 + seed % 3);
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << model_of(seed, batch, micro_batches).describe());
    Chip parts(model_of(seed, batch, micro_batches)), whole(model_of(seed, batch * micro_batches, 1));
    EXPECT_EQ(parts.schedule.tokens_per_step, whole.schedule.tokens_per_step);
    EXPECT_EQ(parts.schedule.parameter_count, whole.schedule.parameter_count);
    for (std::uint32_t step = 0; step < 3; ++step) {
        const double loss = whole.chip.run_step(step);
        EXPECT_NEAR(parts.chip.run_step(step), loss, 1e-9 * loss) << "step " << step;
    }
    for (const Tensor& tensor : whole.schedule.tensors) {
        if (tensor.kind != TensorKind::parameter) continue;
        const std::vector<double> expected = whole.values_of("grad." + tensor.name);
        const std::vector<double> computed = parts.values_of("grad." + tensor.name);
        ASSERT_EQ(computed.size(), expected.size()) << tensor.name;
        for (std::size_t i = 0; i < expected.size(); ++i)
            ASSERT_NEAR(computed[i], expected[i], 1e-7 + 1e-6 * std::abs(expected[i]))
                << tensor.name << "[" << i << "]";
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AccumulationOfRandomModel, testing::Range<std::uint64_t>(1, 31));

Schedule names_schedule(unsigned batch, unsigned accumulate) {
    scenario::RunParameters run;
    run.batch = batch;
    run.accumulate = accumulate;
    return build({}, run, test::small_dram);
}

std::uint64_t peak_of(const Schedule& schedule) {
    return *std::max_element(schedule.activation_bytes.begin(), schedule.activation_bytes.end());
}

// But for what an operator that cannot add leaves to an addition of its own, and the loss.
TEST(Accumulation, TakesActivationsOfOneMicroBatch) {
    const auto peak = [](unsigned batch, unsigned accumulate) { return peak_of(names_schedule(batch, accumulate)); };
    EXPECT_LE(peak(1, 4), peak(1, 1) + 64);
    EXPECT_GT(peak(4, 1), 3 * peak(1, 4));
}

TEST(Accumulation, TheSecondMicroBatchHasNamesOfItsOwnAndTheSameParameters) {
    const Schedule schedule = names_schedule(1, 2);
    std::set<std::pair<std::string, unsigned>> names;
    for (const Op& op : schedule.ops)
        EXPECT_TRUE(names.emplace(op.name, op.image.phase).second) << op.name;
    EXPECT_NE(schedule.find("micro1.layer0.mlp.up.out"), nullptr);
    EXPECT_EQ(schedule.find("micro1.layer0.mlp.up"), nullptr);
}

// An update that began after the first share would miss the others.
TEST(Accumulation, UpdatesWaitForTheLastShare) {
    const Schedule schedule = names_schedule(1, 3);
    for (const Op& op : schedule.ops) {
        if (op.image.phase != COMMAND_PHASE_UPDATE) continue;
        const image_operand& gradient = op.operands[1];
        ASSERT_LT(gradient.after, schedule.ops.size()) << op.name;
        EXPECT_EQ(schedule.ops[gradient.after].name.rfind("micro2.", 0), 0u)
            << op.name << " waits for " << schedule.ops[gradient.after].name;
    }
}

TEST(Accumulation, GenerationRunsTheOperatorsOfTheFirstMicroBatch) {
    const auto generated = [](const Schedule& schedule) {
        image_header header{};
        std::memcpy(&header, schedule.image.data(), sizeof header);
        std::vector<std::string> names;
        for (std::uint32_t i = 0; i < header.generate_op_count; ++i)
            names.push_back(schedule.ops[i].name);
        return names;
    };
    const auto names = generated(names_schedule(2, 1));
    EXPECT_EQ(generated(names_schedule(2, 3)), names);
    EXPECT_EQ(names.back(), "head");
}

} // namespace
} // namespace gradus::schedule::schedule_accumulate_test
