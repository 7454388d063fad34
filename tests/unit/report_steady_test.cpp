// SPDX-License-Identifier: Apache-2.0
// A step in the long run, told apart from boot, from the first step and from what comes after training.
#include "platform/report/steady.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/report_fixture.h"

namespace gradus::report::report_steady_test {
namespace {

using namespace report_fixture;
using observe::Counter;

/// Booted after 2 ms; then steps of these milliseconds, of 16 tokens each.
observe::Result result_of(const std::vector<unsigned>& steps) {
    observe::Result result = an_idle_result();
    result.tokens_per_step = 16;
    ip::Picoseconds now = 2'000'000'000;
    std::uint32_t number = 0;
    for (const unsigned milliseconds : steps) {
        observe::StepRecord step;
        step.step = number++;
        step.begin = now;
        step.end = now += milliseconds * 1'000'000'000ull;
        result.steps.push_back(step);
    }
    result.time = now + 500'000'000'000; // generation
    return result;
}

TEST(SteadyStep, IsTheLastOneWhateverBootTheFirstStepAndGenerationTook) {
    const SteadyStep step = steady_step(result_of({30, 10, 10}), a_schedule());
    EXPECT_EQ(step.first, 32'000'000'000U) << "boot and planning with it";
    EXPECT_EQ(step.time, 10'000'000'000U);
    EXPECT_DOUBLE_EQ(step.tokens_per_second, 1600) << "16 tokens in 10 ms";
    EXPECT_TRUE(step.repeats);
    EXPECT_EQ(steadiness(step), "steady");
}

TEST(SteadyStep, DoesNotDependOnTheLengthOfARun) {
    std::vector<unsigned> steps{30, 10};
    for (const unsigned more : {0, 1, 20}) {
        steps.insert(steps.end(), more, 10);
        EXPECT_DOUBLE_EQ(steady_step(result_of(steps), a_schedule()).tokens_per_second, 1600) << steps.size();
    }
}

TEST(SteadyStep, SaysWhenStepsDoNotRepeatYet) {
    const SteadyStep one = steady_step(result_of({30}), a_schedule());
    EXPECT_FALSE(one.change);
    EXPECT_FALSE(one.repeats);
    EXPECT_EQ(steadiness(one), "of the first step: the next ones may be faster");
    EXPECT_EQ(steadiness(steady_step(result_of({40, 30, 24}), a_schedule())),
              "not steady yet: 20 % less than the step before");
    EXPECT_EQ(steadiness(steady_step(result_of({40, 20, 21}), a_schedule())),
              "not steady yet: 5 % more than the step before");
    EXPECT_EQ(steadiness(steady_step(result_of({30, 10}), a_schedule())),
              "of the second step; it takes a third to be sure")
        << "the first holds boot";
    EXPECT_TRUE(steady_step(result_of({1000, 1009}), a_schedule()).repeats);
    EXPECT_FALSE(steady_step(result_of({1000, 1010}), a_schedule()).repeats) << "one percent is a change";
}

TEST(SteadyStep, CountsWhatTheLastStepDidAlone) {
    observe::Result result = result_of({30, 10});
    result.instructions = 1'000'000;
    observe::Counts& last = result.over_time.last_step;
    last[Counter::instructions] = 130'000;
    last[Counter::commands] = 500;
    last[Counter::macs_fp32] = 192'000;
    last[Counter::macs_bf16] = 800;
    last[Counter::dram_read_bytes] = 3000;
    last[Counter::dram_write_bytes] = 1000;
    const SteadyStep step = steady_step(result, a_schedule());
    EXPECT_EQ(step.instructions, 130'000U);
    EXPECT_EQ(step.commands, 500U);
    EXPECT_EQ(step.macs, 192'800U);
    EXPECT_EQ(step.dram_bytes, 4000U);
    EXPECT_DOUBLE_EQ(step.token_joules, cost_of_last_step(result).energy.total / 16);
}

// What the model needs is done once; the array was no less busy.
TEST(SteadyStep, TellsWhatWasComputedAgainFromWhatTheModelNeeds) {
    observe::Result result = result_of({30, 10});
    result.over_time.last_step[Counter::macs_fp32] = 4'000'000;
    result.last_step.emplace();
    for (const std::uint32_t op : {0U, 1U, 3U}) {
        observe::OpTotals totals;
        totals.op = op;
        totals.work.work.macs = 1'000'000;
        result.last_step->ops.push_back(totals);
    }
    schedule::Schedule schedule = a_schedule();
    schedule.ops[3].again = true;
    const SteadyStep step = steady_step(result, schedule);
    EXPECT_EQ(step.macs, 4'000'000U);
    EXPECT_EQ(step.recomputed_macs, 1'000'000U);
    EXPECT_DOUBLE_EQ(step.flop_utilisation, 3.0 / 16);
    EXPECT_DOUBLE_EQ(step.hardware_flop_utilisation, 4.0 / 16);
}

// 16 elements at 100 MHz could do 16 * 10^8 * 0.01 s = 16 M multiply-accumulates in a step of 10 ms.
TEST(SteadyStep, SaysWhatSiliconAndEnergyAreWorth) {
    observe::Result result = result_of({30, 10});
    result.over_time.last_step[Counter::macs_fp32] = 3'000'000;
    result.over_time.last_step[Counter::macs_bf16] = 1'000'000;
    const SteadyStep step = steady_step(result, a_schedule());
    EXPECT_DOUBLE_EQ(step.flop_utilisation, 4.0 / 16);
    EXPECT_DOUBLE_EQ(step.tokens_per_joule, 16 / step.cost.energy.total);
    const double area = analyse_cost(result).area.square_millimetres;
    EXPECT_DOUBLE_EQ(step.tokens_per_second_mm2.value(), 1600 / area);
    // No bytes were moved, so the DRAM took its standby power alone: 52 mW for 10 ms.
    EXPECT_NEAR(step.cost.energy.total - step.cost.chip_joules, 0.052 * 0.01, 1e-9);
    EXPECT_DOUBLE_EQ(step.chip_token_joules, step.cost.chip_joules / 16);
    result.scenario.chip.technology.fpga.enabled = true;
    EXPECT_FALSE(steady_step(result, a_schedule()).tokens_per_second_mm2) << "the area of an FPGA is not known";
}

} // namespace
} // namespace gradus::report::report_steady_test
