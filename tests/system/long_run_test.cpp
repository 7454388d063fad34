// SPDX-License-Identifier: Apache-2.0
// Runs with more steps than their image holds: the host feeds the inputs while the chip runs.
#include <atomic>
#include <cstring>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/process/pool.h"
#include "platform/schedule/operator.h"
#include "tests/support/chip_run.h"

namespace gradus::test::long_run_test {
namespace {

/// The losses' bits.
std::string losses(std::uint64_t step_room) {
    ChipRun run(shipped_scenario("names", {"run.steps=40", "run.batch=2", "run.generate=2"}));
    run.schedule =
        schedule::build(run.scenario.model, run.scenario.run, chip::dram_range(run.scenario.chip), step_room);
    const chip::Outcome outcome = run.simulate();
    if (outcome.failure) throw std::runtime_error(*outcome.failure);
    std::string text;
    for (const observe::StepRecord& step : outcome.result.steps) {
        std::uint32_t bits;
        std::memcpy(&bits, &step.loss, sizeof bits);
        text += std::to_string(bits) + " ";
    }
    for (const std::string& generated : outcome.result.texts)
        text += generated + " ";
    return text;
}

TEST(LongRun, ComputesTheSameThroughASmallRingAsWithAllStepsInTheImage) {
    const std::string all = process::in_child([] { return losses(schedule::step_room_bytes); });
    EXPECT_GT(all.size(), 40u * 8);
    const std::string two_slots = process::in_child([] { return losses(0); });
    EXPECT_EQ(two_slots, all) << "the ring comes round twenty times";
    const std::string three_slots = process::in_child([] { return losses(3 * (2 * 16 * 12 + sizeof(image_update))); });
    EXPECT_EQ(three_slots, all);
}

class StopAfter : public chip::RunListener {
public:
    explicit StopAfter(unsigned steps) : left_(steps) {}
    void uart(char) override {}
    void step_done(std::uint32_t, float, ip::Picoseconds) override {
        if (--left_ == 0) enough = true;
    }
    std::atomic<bool> enough{false};

private:
    unsigned left_;
};

TEST(LongRun, AMillionStepsStart) {
    const ChipRun run(shipped_scenario("names", {"run.steps=1000000"}));
    StopAfter listener(3);
    const chip::Outcome outcome = chip::simulate(
        {run.scenario, run.schedule, firmware_path("train"), nullptr, &listener, {}, {}, &listener.enough});
    EXPECT_TRUE(outcome.interrupted);
    ASSERT_TRUE(outcome.failure);
    EXPECT_THAT(*outcome.failure, ::testing::HasSubstr("after 3 of 1000000 steps"));
    EXPECT_EQ(outcome.result.steps.size(), 3u);
}

/// Many short steps: one small copy each.
chip::Outcome run_copies(unsigned steps, const std::string& folder) {
    scenario::Scenario scenario = shipped_scenario("names");
    schedule::OperatorRequest request;
    request.kind = schedule::OperatorKind::copy;
    request.dims = {1, 4};
    request.steps = steps;
    const schedule::Schedule schedule = schedule::build_operator(request, chip::dram_range(scenario.chip));
    chip::Inputs inputs{scenario, schedule, firmware_path("train")};
    inputs.folder = folder;
    return chip::simulate(inputs);
}

TEST(LongRun, EveryStepOfManyIsInTheResultAndTheyAddUp) {
    constexpr unsigned steps = 4000; // more than a StepLog's buffer holds
    const chip::Outcome outcome = run_copies(steps, "");
    ASSERT_FALSE(outcome.failure) << *outcome.failure;
    ASSERT_EQ(outcome.result.steps.size(), steps);
    std::uint32_t number = 0;
    ip::Picoseconds end = 0;
    for (const observe::StepRecord step : outcome.result.steps) {
        ASSERT_EQ(step.step, number++);
        ASSERT_EQ(step.begin, end);
        end = step.end;
        for (const observe::Usage& unit : step.units)
            ASSERT_LE(unit.covered(), step.end - step.begin) << "step " << step.step;
        ASSERT_EQ(std::accumulate(step.path.begin(), step.path.end(), ip::Picoseconds{0}), step.end - step.begin);
    }
}

TEST(LongRun, EndsWithTheReasonWhenItsStepsCannotBeKept) {
    const chip::Outcome outcome = run_copies(100'000, "/nowhere/at/all");
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(*outcome.failure, "cannot keep the steps of the run in /nowhere/at/all: No such file or directory");
    EXPECT_GT(outcome.result.steps.size(), 100u) << "those of the buffer are there";
    EXPECT_LT(outcome.result.steps.size(), 10'000u) << "it ends at once";
}

} // namespace
} // namespace gradus::test::long_run_test
