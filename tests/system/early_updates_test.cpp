// SPDX-License-Identifier: Apache-2.0
// The optimizer begins beside the backward pass, in slices, where a chip has a DMA channel and scratchpad to spare.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/listed_commands.h"
#include "tests/support/names_result.h"

namespace gradus::test::early_updates_test {
namespace {

using nlohmann::json;

json result_of(const std::vector<std::string>& settings) {
    return names_result(joined(early_update_workload, settings));
}

class EarlyUpdates : public ::testing::TestWithParam<std::vector<std::string>> {};

// Each element is computed as ever, so the losses are the same to the last bit.
TEST_P(EarlyUpdates, ChangeNoLoss) {
    std::vector<std::string> late = GetParam();
    late.emplace_back("run.early_updates=false");
    EXPECT_EQ(losses_of(result_of(GetParam())), losses_of(result_of(late)));
}

INSTANTIATE_TEST_SUITE_P(Optimizers, EarlyUpdates,
                         ::testing::Values(std::vector<std::string>{},
                                           std::vector<std::string>{"model.precision=mixed",
                                                                    "run.record_commands=false"},
                                           std::vector<std::string>{"run.optimizer=sgd", "run.momentum=0.9"},
                                           std::vector<std::string>{"run.loss_scale=1024"}));

/// Of a step. What the firmware looks for at boot moves the refreshes of the DRAM, and a step with them.
void expect_same_time(std::vector<std::string> changes) {
    changes.emplace_back("run.data=none");
    const double with = result_of(changes).at("steady").at("time_ns");
    changes.emplace_back("run.early_updates=false");
    EXPECT_NEAR(with, result_of(changes).at("steady").at("time_ns").get<double>(), with / 1000);
}

// The norm of all gradients is known when the last one is complete: no update may begin before.
TEST(EarlyUpdate, NoneBeginsWhereGradientsAreClipped) { expect_same_time({"run.clip=1"}); }

// Three channels: two that load, one that stores. None is taken from them, and no scratchpad.
TEST(EarlyUpdate, NoneBeginsWhereNoChannelCanBeSpared) { expect_same_time({"chip.dma.channels=3"}); }

TEST(EarlyUpdate, ShortensAStepByTheSameWithAndWithoutNumbers) {
    const json with = result_of({"run.data=none"}).at("steady");
    EXPECT_EQ(with.at("time_ps"), result_of({}).at("steady").at("time_ps"));
    const json without = result_of({"run.data=none", "run.early_updates=false"}).at("steady");
    EXPECT_LT(with.at("time_ns"), 0.98 * without.at("time_ns").get<double>());
}

// The factor that takes the scale out of gradients is a constant, so no update waits for it.
TEST(EarlyUpdate, ShortensAStepWhereTheLossIsScaled) {
    const json with = result_of({"run.data=none", "run.loss_scale=1024"}).at("steady");
    const json without = result_of({"run.data=none", "run.loss_scale=1024", "run.early_updates=false"}).at("steady");
    EXPECT_LT(with.at("time_ns"), 0.98 * without.at("time_ns").get<double>());
}

// What is listed is what the chip is given: commands of updates among those of the backward pass.
TEST(EarlyUpdate, TheScheduleShowsItsCommandsWhereTheyAreSubmitted) {
    std::vector<std::string> arguments{"schedule", "scenarios/runs/names.toml", "--commands"};
    for (const std::string& setting : joined(early_update_workload, {"run.record_commands=false"}))
        arguments.insert(arguments.end(), {"--set", setting});
    const ProgramRun shown = run_program(arguments);
    ASSERT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_EQ(listed_commands(shown.out),
              result_of({"run.data=none", "run.record_commands=false"}).at("steady").at("commands"));
}

} // namespace
} // namespace gradus::test::early_updates_test
