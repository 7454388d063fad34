// SPDX-License-Identifier: Apache-2.0
// Gradient accumulation on whole chips: run.accumulate micro-batches of run.batch sequences are a step.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/names_result.h"

namespace gradus::test::accumulate_test {
namespace {

using nlohmann::json;

const std::vector<std::string> workload{"run.steps=4", "run.generate=2", "model.context=8"};
const std::vector<std::string> whole{"run.batch=4", "run.accumulate=1"}, parts{"run.batch=2", "run.accumulate=2"};

json result_of(const std::vector<std::string>& settings, const std::vector<std::string>& more) {
    return names_result(joined(joined(workload, settings), more));
}

class Accumulation : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Accumulation, TrainsAsAStepOfAllSequencesDoes) {
    const json expected = result_of(whole, GetParam()), computed = result_of(parts, GetParam());
    const std::vector<double> losses = losses_of(expected);
    ASSERT_EQ(losses.size(), 4u);
    for (std::size_t step = 0; step < losses.size(); ++step)
        EXPECT_NEAR(losses_of(computed).at(step), losses[step], 1e-5) << "step " << step;
    EXPECT_EQ(computed.at("texts"), expected.at("texts"));
}

// Fused forms add to gradients, too; where there are four channels and 4 MiB, updates begin early.
INSTANTIATE_TEST_SUITE_P(
    Forms, Accumulation,
    ::testing::Values(
        std::vector<std::string>{}, std::vector<std::string>{"run.clip=0.5", "run.record_commands=false"},
        std::vector<std::string>{"model.attention=fused", "model.head=fused", "run.generate=0", "model.tied_head=true"},
        std::vector<std::string>{"run.documents=windows", "run.optimizer=sgd", "run.momentum=0.9"},
        std::vector<std::string>{"chip.dma.channels=4", "chip.scratchpad.bytes=4194304", "chip.sram.bytes=1048576"}));

json accumulated(const std::vector<std::string>& settings) { return result_of(parts, settings); }

TEST(AccumulatedStep, HasTheSameLossesRecordedEarlyOrNeither) {
    const json plain = accumulated({"run.record_commands=false", "run.early_updates=false"});
    const std::vector<std::string> able{"chip.dma.channels=4", "chip.scratchpad.bytes=4194304",
                                        "chip.sram.bytes=1048576"};
    EXPECT_EQ(losses_of(accumulated({})), losses_of(plain));
    EXPECT_EQ(losses_of(accumulated(able)), losses_of(accumulated(joined(able, {"run.early_updates=false"}))));
}

TEST(AccumulatedStep, CountsTheWorkOfAllItsMicroBatches) {
    const std::vector<std::string> silent{"run.generate=0", "run.data=none"};
    const json expected = result_of(whole, silent).at("totals"), computed = accumulated(silent).at("totals");
    EXPECT_EQ(computed.at("tokens_per_step"), 4 * 8);
    EXPECT_EQ(computed.at("macs"), expected.at("macs"));
}

TEST(AccumulatedStep, TakesTheSameTimeWithAndWithoutNumbers) {
    const std::vector<std::string> silent{"run.generate=0"};
    EXPECT_EQ(accumulated(silent).at("steady").at("time_ps"),
              accumulated(joined(silent, {"run.data=none"})).at("steady").at("time_ps"));
}

// bf16 gradients are rounded with every share.
TEST(AccumulatedStep, TrainsInMixedPrecision) {
    const std::vector<std::string> mixed{"model.precision=mixed", "model.format=bf16"};
    const std::vector<double> expected = losses_of(result_of(whole, mixed)), losses = losses_of(accumulated(mixed));
    for (std::size_t step = 0; step < losses.size(); ++step)
        EXPECT_NEAR(losses.at(step), expected.at(step), 0.01) << "step " << step;
    EXPECT_EQ(losses.at(0), expected.at(0)) << "forward passes are the same";
}

TEST(AccumulatedStep, GoesOnAfterItWasSavedAsIfItHadNeverStopped) {
    const TemporaryFolder folder;
    const auto run = [&](const std::vector<std::string>& more) {
        std::vector<std::string> arguments{"run",   "scenarios/runs/names.toml", "--json", "--trace", "off",
                                           "--out", folder.path("out")};
        for (const std::string& setting : joined(joined(workload, parts), {"run.rate_schedule=constant"}))
            arguments.insert(arguments.end(), {"--set", setting});
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_program(arguments);
    };
    const std::string file = folder.path("weights.safetensors");
    const ProgramRun all = run({}), first = run({"--set", "run.steps=2", "--save", file}), rest = run({"--load", file});
    ASSERT_EQ(rest.exit_code, 0) << rest.err;
    std::vector<double> losses = losses_of(json::parse(first.out));
    const std::vector<double> later = losses_of(json::parse(rest.out));
    losses.insert(losses.end(), later.begin(), later.end());
    EXPECT_EQ(losses, losses_of(json::parse(all.out)));
    const ProgramRun other = run({"--load", file, "--set", "run.accumulate=1"});
    EXPECT_NE(other.exit_code, 0);
    EXPECT_NE(other.err.find("run.accumulate = 2"), std::string::npos) << other.err;
}

} // namespace
} // namespace gradus::test::accumulate_test
