// SPDX-License-Identifier: Apache-2.0
// A recorded list: later steps run the commands of the first one again.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/listed_commands.h"
#include "tests/support/names_result.h"

namespace gradus::test::recording_test {
namespace {

using nlohmann::json;

json result_of(const std::vector<std::string>& settings) { return names_result(joined({"run.steps=4"}, settings)); }

TEST(Recording, ComputesTheSameLossesAndTextsAsStepsThatAreSubmittedAnew) {
    const json recorded = result_of({"run.generate=3"});
    const json submitted = result_of({"run.generate=3", "run.record_commands=false"});
    EXPECT_EQ(losses_of(recorded), losses_of(submitted));
    EXPECT_EQ(recorded.at("texts"), submitted.at("texts"));
    EXPECT_LT(recorded.at("steady").at("time_ps"), submitted.at("steady").at("time_ps"));
}

// One for the commands of each queue, and another one for the optimizer's, whose scalars are written meanwhile.
TEST(Recording, TakesTwoDoorbellsAQueueAtMost) {
    const json recorded = result_of({"run.generate=0", "run.data=none"}).at("steady");
    EXPECT_LE(recorded.at("doorbells"), 2 * 4);
    EXPECT_GT(recorded.at("commands"), 100);
    const json submitted = result_of({"run.generate=0", "run.data=none", "run.record_commands=false"}).at("steady");
    EXPECT_GT(submitted.at("doorbells"), submitted.at("commands"));
}

// The rings of so small a memory have 64 descriptors each.
TEST(Recording, AStepThatTheRingsDoNotHoldIsSubmittedAnew) {
    const json result = result_of({"run.generate=0", "run.data=none", "chip.sram.bytes=262144"}).at("steady");
    EXPECT_GT(result.at("doorbells"), result.at("commands"));
}

TEST(Recording, TheScheduleShowsTheCommandsThatARecordedStepHas) {
    const ProgramRun shown = run_program({"schedule", "scenarios/runs/names.toml", "--commands"});
    ASSERT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_EQ(listed_commands(shown.out), result_of({"run.generate=0", "run.data=none"}).at("steady").at("commands"));
}

} // namespace
} // namespace gradus::test::recording_test
