// SPDX-License-Identifier: Apache-2.0
// Nothing that makes a simulation faster, or shows more of it, changes what it finds out: no time, no account, no
// number. And the same run twice gives the same result.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"

namespace gradus::test::invariance_test {
namespace {

using nlohmann::json;

struct Workload {
    const char* name;
    std::vector<std::string> arguments;
};

void PrintTo(const Workload& workload, std::ostream* out) { *out << workload.name; }

/// The result of a run, without what the host and the scenario say about themselves.
json result_of(const Workload& workload, const std::vector<std::string>& switches) {
    const TemporaryFolder folder;
    std::vector<std::string> arguments{"run", "--json", "--out", folder.path("out")};
    arguments.insert(arguments.end(), workload.arguments.begin(), workload.arguments.end());
    arguments.insert(arguments.end(), switches.begin(), switches.end());
    const ProgramRun run = run_program(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    json result = run.exit_code == 0 ? json::parse(run.out) : json::object();
    for (const char* told : {"host", "scenario", "origins"})
        result.erase(told);
    return result;
}

/// Points at what differs, which a plain comparison of two pages of JSON would not.
void expect_same(const json& result, const json& expected) {
    EXPECT_GT(expected.at("totals").at("time_ps"), 0);
    for (const json& difference : json::diff(expected, result)) {
        const std::string path = difference.at("path");
        const json::json_pointer pointer(path);
        ADD_FAILURE() << path << ": " << (result.contains(pointer) ? result.at(pointer).dump() : "missing")
                      << " instead of " << (expected.contains(pointer) ? expected.at(pointer).dump() : "nothing");
    }
}

class Invariance : public ::testing::TestWithParam<Workload> {
protected:
    void expect_no_change(const std::vector<std::vector<std::string>>& switches) const {
        const json expected = result_of(GetParam(), {"--trace", "off"});
        for (const std::vector<std::string>& more : switches) {
            SCOPED_TRACE(more.back());
            expect_same(result_of(GetParam(), more), expected);
        }
    }
};

TEST_P(Invariance, AnyQuantumGivesTheSameResult) {
    // The shortest makes the hart stop at every instruction, the longest only where something else happens.
    expect_no_change({{"--trace", "off", "--set", "run.quantum_ns=0"},
                      {"--trace", "off", "--set", "run.quantum_ns=10"},
                      {"--trace", "off", "--set", "run.quantum_ns=1000"},
                      {"--trace", "off", "--set", "run.quantum_ns=1000000000"}});
}

TEST_P(Invariance, WithoutDirectMemoryAccessTheResultIsTheSame) {
    expect_no_change({{"--trace", "off", "--set", "run.dmi=false"},
                      {"--trace", "off", "--set", "run.dmi=false", "--set", "run.quantum_ns=100"}});
}

TEST_P(Invariance, ATraceChangesNothing) {
    expect_no_change({{"--trace", "on"},
                      {"--trace", "on", "--vcd", "--operators"},
                      {"--trace-window", "1ms:2ms", "--trace-filter", "dma"}});
}

TEST_P(Invariance, ProtocolCheckersFindNothingAndChangeNothing) {
    expect_no_change({{"--trace", "off", "--set", "run.check_protocol=true"},
                      {"--trace", "off", "--set", "run.check_protocol=true", "--set", "run.dmi=false"}});
}

TEST_P(Invariance, TheSameRunTwiceGivesTheSameResult) { expect_no_change({{"--trace", "off"}}); }

TEST_P(Invariance, WithoutDataEverythingButTheNumbersIsTheSame) {
    const std::vector<std::string> no_text{"--trace", "off", "--set",
                                           "run.generate=0"}; // its length depends on numbers
    std::vector<std::string> no_data = no_text;
    no_data.insert(no_data.end(), {"--data", "none"});
    json expected = result_of(GetParam(), no_text);
    for (json& step : expected.at("steps")) {
        EXPECT_TRUE(step.at("loss").is_number());
        step.at("loss") = nullptr;
    }
    expect_same(result_of(GetParam(), no_data), expected);
}

const std::vector<Workload> workloads{
    {"Names", {"scenarios/runs/names.toml", "--steps", "2", "--set", "run.generate=1"}},
    // Several channels, interleaved DRAM channels, mixed precision, tiles that are split, fused operators.
    {"Edge",
     {"scenarios/runs/edge.toml",
      "--steps",
      "1",
      "--set",
      "run.batch=1",
      "--set",
      "model.layers=1",
      "--set",
      "model.width=64",
      "--set",
      "model.mlp_width=96",
      "--set",
      "model.attention=fused",
      "--set",
      "model.epilogues=fused",
      "--set",
      "model.head=fused",
      "--set",
      "chip.scratchpad.bytes=0x8000",
      "--set",
      "chip.dma.channels=4",
      "--set",
      "model.precision=mixed",
      "--set",
      "run.clip=1"}},
    // Four clocks, commands that overlap in a channel, and ports that are often full.
    {"Clocks",
     {"scenarios/runs/names.toml",
      "--steps",
      "1",
      "--set",
      "run.generate=1",
      "--set",
      "chip.fabric.clock_mhz=130",
      "--set",
      "chip.dma.clock_mhz=170",
      "--set",
      "chip.engine.clock_mhz=77",
      "--set",
      "chip.fabric.arbitration=priority",
      "--set",
      "chip.fabric.queue_depth=3",
      "--set",
      "chip.dma.chaining=true",
      "--set",
      "chip.dma.align_bytes=64",
      "--set",
      "chip.dma.row_cycles=2"}},
};

INSTANTIATE_TEST_SUITE_P(Workloads, Invariance, ::testing::ValuesIn(workloads),
                         [](const auto& info) { return std::string(info.param.name); });

} // namespace
} // namespace gradus::test::invariance_test
