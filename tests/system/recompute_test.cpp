// SPDX-License-Identifier: Apache-2.0
// Activations that are computed again on whole chips.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/names_result.h"

namespace gradus::test::recompute_test {
namespace {

using nlohmann::json;

json result_of(const std::vector<std::string>& settings, const std::string& recompute) {
    return names_result(joined({"run.steps=3", "run.generate=0", "model.layers=2"},
                               joined(settings, {"model.recompute=" + recompute})));
}

class Recomputation : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Recomputation, ChangesNoLoss) {
    const std::vector<double> kept = losses_of(result_of(GetParam(), "none"));
    EXPECT_EQ(losses_of(result_of(GetParam(), "selective")), kept);
    EXPECT_EQ(losses_of(result_of(GetParam(), "full")), kept);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, Recomputation,
    ::testing::Values(std::vector<std::string>{}, std::vector<std::string>{"model.epilogues=fused"},
                      std::vector<std::string>{"model.attention=fused", "model.head=fused", "model.precision=mixed",
                                               "model.format=bf16", "run.accumulate=2"},
                      std::vector<std::string>{"model.kv_heads=2", "model.positions=rope", "model.gated_mlp=true",
                                               "model.norm_place=after", "model.norm=layernorm"},
                      std::vector<std::string>{"chip.dma.channels=4", "chip.scratchpad.bytes=4194304",
                                               "chip.sram.bytes=1048576", "run.clip=0.5"}));

// What the array did more is no use of the model's.
TEST(RecomputedStep, CountsWhatItComputesAgainBesideWhatTheModelNeeds) {
    const json none = result_of({"run.data=none"}, "none").at("steady"),
               full = result_of({"run.data=none"}, "full").at("steady");
    EXPECT_EQ(none.at("recomputed_macs"), 0);
    EXPECT_EQ(none.at("hardware_flop_utilisation"), none.at("flop_utilisation"));
    const std::uint64_t again = full.at("recomputed_macs");
    EXPECT_GT(again, 0u);
    EXPECT_EQ(full.at("macs").get<std::uint64_t>() - again, none.at("macs"));
    EXPECT_GT(full.at("hardware_flop_utilisation"), full.at("flop_utilisation"));
    EXPECT_LT(full.at("flop_utilisation"), none.at("flop_utilisation")) << "it takes longer";
}

TEST(RecomputedStep, TakesTheSameTimeWithAndWithoutNumbers) {
    EXPECT_EQ(result_of({"run.data=none"}, "full").at("steady").at("time_ps"),
              result_of({}, "full").at("steady").at("time_ps"));
}

TEST(RecomputedStep, IsShownByScheduleCheckAndSummary) {
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"schedule"}, {"schedule", "--memory"}, {"check"}, {"run", "--trace", "off"}}) {
        const TemporaryFolder folder;
        std::vector<std::string> arguments = command;
        arguments.insert(arguments.begin() + 1, "scenarios/runs/names.toml");
        if (command.front() == "run") arguments.insert(arguments.end(), {"--out", folder.path("out")});
        for (const char* setting : {"run.steps=2", "run.generate=0", "model.recompute=selective"})
            arguments.insert(arguments.end(), {"--set", setting});
        const ProgramRun shown = run_program(arguments);
        ASSERT_EQ(shown.exit_code, 0) << shown.err;
        EXPECT_NE(shown.out.find("layer 0 in part"), std::string::npos) << shown.out;
    }
}

} // namespace
} // namespace gradus::test::recompute_test
