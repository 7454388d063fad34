// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ip/common/command.h"
#include "platform/schedule/optimizer.h"
#include "platform/schedule/random.h"
#include "platform/schedule/schedule.h"
#include "tests/support/random_models.h"

namespace gradus::schedule::schedule_build_test {
namespace {

image_header header_of(const Schedule& schedule) {
    image_header header{};
    std::memcpy(&header, schedule.image.data(), sizeof header);
    return header;
}

/// Of operators that do not run again.
std::uint64_t macs_of(const Schedule& schedule, unsigned phase) {
    std::uint64_t macs = 0;
    for (const Op& op : schedule.ops)
        macs += op.image.phase == phase && !op.again ? op.macs : 0;
    return macs;
}

scenario::RunParameters synthetic_step() {
    scenario::RunParameters run;
    run.text = "synthetic";
    run.steps = 1;
    return run;
}

TEST(Schedule, MicrogptOnNamesHas4192ParametersAnd27Tokens) {
    const Schedule schedule = build({}, {}, test::small_dram);
    EXPECT_EQ(schedule.parameter_count, 4192u);
    EXPECT_EQ(schedule.vocabulary, 27u);
    EXPECT_EQ(schedule.text.documents, 1513u);
    EXPECT_EQ(schedule.text.lines_left_out, 3u);
    EXPECT_EQ(schedule.text.boundary, 26u);
    EXPECT_EQ(schedule.tokens_per_step, 16u);
}

TEST(Schedule, CountsTheParametersOfALargeModelWithBiasesAndGains) {
    scenario::ModelParameters model;
    model.layers = 12;
    model.width = 768;
    model.heads = 12;
    model.context = 1024;
    model.mlp_width = 3072;
    model.vocabulary = 50257;
    model.bias = model.norm_gain = model.final_norm = true;
    model.embedding_norm = false;
    const Schedule schedule = build(model, synthetic_step(), {0x80000000u, std::uint64_t{16} << 30});
    const std::uint64_t layer = 4 * (768 * 768 + 768) + 2 * 768 * 3072 + 3072 + 768 + 2 * 768;
    EXPECT_EQ(schedule.parameter_count, 2 * 50257u * 768 + 1024 * 768 + 12 * layer + 768);
}

TEST(Schedule, PhasesFollowEachOtherAndBackwardMultipliesTwiceAsMuch) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        test::RandomModel random = test::random_model(seed);
        random.model.attention = random.model.head = scenario::Form::plain; // fused ones multiply once more
        if (random.model.patch_values != 0) continue;                       // patches need no gradient
        SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << random.describe());
        const Schedule schedule = build(random.model, random.run, test::small_dram);
        std::vector<unsigned> expected, phases;
        for (unsigned micro_batch = 0; micro_batch < random.run.accumulate; ++micro_batch)
            expected.insert(expected.end(), {COMMAND_PHASE_FORWARD, COMMAND_PHASE_BACKWARD});
        expected.push_back(COMMAND_PHASE_UPDATE);
        for (const Op& op : schedule.ops)
            if (phases.empty() || phases.back() != op.image.phase) phases.push_back(op.image.phase);
        EXPECT_EQ(phases, expected);
        EXPECT_GT(macs_of(schedule, COMMAND_PHASE_FORWARD), 0u);
        EXPECT_EQ(macs_of(schedule, COMMAND_PHASE_BACKWARD), 2 * macs_of(schedule, COMMAND_PHASE_FORWARD));
    }
}

TEST(Schedule, HeaderTellsWhereLossLogitsAndTokensAre) {
    scenario::RunParameters run;
    run.generate = 5;
    const Schedule schedule = build({}, run, test::small_dram);
    const image_header header = header_of(schedule);
    EXPECT_EQ(header.magic, IMAGE_MAGIC);
    EXPECT_EQ(header.bytes, schedule.image.size());
    EXPECT_EQ(header.bytes, schedule.image_range.bytes);
    EXPECT_EQ(header.op_count, schedule.ops.size());
    EXPECT_EQ(header.step_count, 1000u);
    EXPECT_EQ(header.sequence, 16u);
    EXPECT_EQ(header.loss_address, schedule.find("loss")->address);
    EXPECT_EQ(header.logits_pitch, 27u * 4);
    EXPECT_EQ(header.generate_count, 5u);
    const Op& last = schedule.ops[header.generate_op_count - 1];
    EXPECT_EQ(last.operands[0].address, header.logits_address);
    EXPECT_EQ(schedule.ops[header.generate_op_count].image.kind, OP_CROSS_ENTROPY);
    EXPECT_TRUE(schedule.image_range.contains(header.tokens_address, 16 * 4));
    EXPECT_GE(header.tokens_address, schedule.image_range.base + header.update_offset + 1000 * sizeof(image_update));
}

TEST(Schedule, GeneratesNoTextsWhereNoNumbersAreComputed) {
    scenario::RunParameters run;
    run.generate = 5;
    run.data = scenario::DataPlane::none;
    EXPECT_EQ(header_of(build({}, run, test::small_dram)).generate_count, 0u);
}

TEST(Schedule, StepOperandsPointIntoTheStepTable) {
    const Schedule schedule = build({}, {}, test::small_dram);
    const image_header header = header_of(schedule);
    const std::uint64_t table = schedule.image_range.base + header.step_offset;
    const Op& embed = schedule.ops.front();
    EXPECT_EQ(embed.operands[3].address, table);
    EXPECT_EQ(embed.operands[3].step_stride, header.step_stride);
    const Op& loss = schedule.ops[header.generate_op_count];
    EXPECT_EQ(loss.operands[3].address, table + 16 * 4);
    EXPECT_EQ(loss.operands[4].address, table + 32 * 4);
    std::uint32_t first_token = 0;
    std::memcpy(&first_token, schedule.image.data() + header.step_offset, 4);
    EXPECT_EQ(first_token, header.boundary_token) << "every text starts with the boundary";
}

TEST(Schedule, UpdateScalarsCarryRateBiasCorrectionAndDecay) {
    scenario::RunParameters run;
    run.weight_decay = 0.5;
    const Schedule schedule = build({}, run, test::small_dram);
    const image_header header = header_of(schedule);
    for (const unsigned step : {0u, 1u, 999u}) {
        image_update update{};
        std::memcpy(&update, schedule.image.data() + header.update_offset + step * header.update_stride, sizeof update);
        const double rate = 0.01 * (1 - step / 1000.0);
        EXPECT_FLOAT_EQ(update.step_size, static_cast<float>(rate / (1 - std::pow(0.85, step + 1))));
        EXPECT_FLOAT_EQ(update.correction, static_cast<float>(1 / (1 - std::pow(0.99, step + 1))));
        EXPECT_FLOAT_EQ(update.decay, static_cast<float>(rate * 0.5));
    }
}

TEST(Schedule, LearningRateWarmsUpAndThenFollowsItsSchedule) {
    scenario::RunParameters run;
    run.steps = 100;
    run.learning_rate = 1;
    run.warmup_steps = 20;
    run.rate_schedule = scenario::RateSchedule::cosine;
    EXPECT_DOUBLE_EQ(learning_rate(run, 0), 0.05);
    EXPECT_DOUBLE_EQ(learning_rate(run, 19), 1);
    EXPECT_DOUBLE_EQ(learning_rate(run, 20), 1);
    EXPECT_NEAR(learning_rate(run, 60), 0.5, 1e-12);
    run.rate_schedule = scenario::RateSchedule::linear;
    EXPECT_DOUBLE_EQ(learning_rate(run, 60), 0.5);
    run.rate_schedule = scenario::RateSchedule::constant;
    EXPECT_DOUBLE_EQ(learning_rate(run, 99), 1);
    run.warmup_steps = 200;
    EXPECT_DOUBLE_EQ(learning_rate(run, 99), 0.5) << "a run may end while it still warms up";
}

TEST(Schedule, MarksEveryProductForBf16WhenTheModelAsksForIt) {
    scenario::ModelParameters model;
    for (const auto format : {scenario::Format::fp32, scenario::Format::bf16}) {
        model.format = format;
        for (const Op& op : build(model, {}, test::small_dram).ops) {
            const bool expected = format == scenario::Format::bf16 && op.image.kind == OP_MATMUL;
            EXPECT_EQ((op.image.flags & OP_FLAG_BF16) != 0, expected) << op.name;
        }
    }
}

TEST(Schedule, ImageIsTheSameEveryTime) {
    const test::RandomModel random = test::random_model(11);
    EXPECT_EQ(build(random.model, random.run, test::small_dram).image,
              build(random.model, random.run, test::small_dram).image);
}

TEST(Schedule, RefusesShapesThatCannotBe) {
    using Spoil = std::function<void(scenario::ModelParameters&, scenario::RunParameters&)>;
    const std::pair<const char*, Spoil> cases[] = {
        {"model.heads", [](auto& model, auto&) { model.heads = 3; }},
        {"model.heads", [](auto& model, auto&) { model.heads = 0; }},
        {"model.layers", [](auto& model, auto&) { model.layers = 0; }},
        {"model.width", [](auto& model, auto&) { model.width = 0; }},
        {"model.mlp_width", [](auto& model, auto&) { model.mlp_width = 0; }},
        {"run.steps", [](auto&, auto& run) { run.steps = 0; }},
        {"run.batch", [](auto&, auto& run) { run.batch = 0; }},
        {"model.layers", [](auto& model, auto&) { model.layers = 0xffffffffu; }},
        {"row of bytes", [](auto& model, auto&) { model.mlp_width = 0xffffffffu; }},
        {"row of bytes", [](auto& model, auto&) { model.width = 0xfffffffcu; }},
        {"inputs of a step", [](auto& model, auto&) { model.context = 0xffffffffu; }},
        {"batch * context", [](auto&, auto& run) { run.batch = 0xffffffffu; }},
        {"activations", [](auto& model, auto&) { model.context = 1u << 20; }},
    };
    for (const auto& [part, spoil] : cases) {
        scenario::ModelParameters model;
        scenario::RunParameters run = synthetic_step();
        model.vocabulary = 5;
        spoil(model, run);
        try {
            build(model, run, test::small_dram);
            ADD_FAILURE() << "no error about " << part;
        } catch (const ScheduleError& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr(part));
        }
    }
}

TEST(Schedule, AFusedHeadRefusesWhatNeedsLogits) {
    for (const bool generates : {false, true}) {
        scenario::ModelParameters model;
        scenario::RunParameters run = synthetic_step();
        model.vocabulary = 5;
        model.head = scenario::Form::fused;
        EXPECT_NO_THROW(build(model, run, test::small_dram));
        if (generates)
            run.generate = 3;
        else
            model.logit_cap = 2;
        try {
            build(model, run, test::small_dram);
            ADD_FAILURE() << "no error";
        } catch (const ScheduleError& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr(generates ? "run.generate = 3" : "model.logit_cap = 2"));
            EXPECT_THAT(error.what(), testing::HasSubstr("model.head = \"plain\""));
        }
    }
}

TEST(InitialValues, AreNormalForMatricesOneForGainsAndZeroForBiases) {
    scenario::ModelParameters model;
    model.width = 64;
    model.mlp_width = 256;
    model.bias = true;
    model.norm_gain = true;
    const Schedule schedule = build(model, {}, test::small_dram);
    const std::vector<float> up = initial_values(*schedule.find("layer0.mlp.up"), model, 1);
    double sum = 0;
    double squares = 0;
    for (const float value : up) {
        sum += value;
        squares += value * value;
    }
    const double count = 64 * 256;
    EXPECT_EQ(up.size(), 64u * 256);
    EXPECT_NEAR(sum / count, 0, 4 * 0.08 / std::sqrt(count)) << "within four standard errors";
    EXPECT_NEAR(std::sqrt(squares / count), 0.08, 4 * 0.08 / std::sqrt(2 * count));
    EXPECT_THAT(initial_values(*schedule.find("layer0.mlp.norm.gain"), model, 1), testing::Each(1.0f));
    EXPECT_THAT(initial_values(*schedule.find("layer0.mlp.up.bias"), model, 1), testing::IsEmpty());
    EXPECT_THAT(initial_values(*schedule.find("m.layer0.mlp.up"), model, 1), testing::IsEmpty());
    EXPECT_EQ(up, initial_values(*schedule.find("layer0.mlp.up"), model, 1));
    EXPECT_NE(up, initial_values(*schedule.find("layer0.mlp.up"), model, 2));
}

TEST(Random, IsSplitMix64) {
    // First numbers of the authors' reference program for seed 1234567; the empty stream's hash is undone.
    Random random(1234567u ^ 0xcbf29ce484222325u, "");
    EXPECT_EQ(random.next(), 6457827717110365317u);
    EXPECT_EQ(random.next(), 3203168211198807973u);
    EXPECT_EQ(random.next(), 9817491932198370423u);
}

} // namespace
} // namespace gradus::schedule::schedule_build_test
