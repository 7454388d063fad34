// SPDX-License-Identifier: Apache-2.0
// sanitized
// gradus replay from the outside.
#include <fstream>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/refused.h"

namespace gradus::test::dram_replay_cli_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* chip = "scenarios/chips/edge.toml";
constexpr const char* trace = "scenarios/traces/copy.trace";

TEST(CliReplay, PlaysTheExampleAndShowsItsDevelopment) {
    const ProgramRun run = run_program({"replay", "--chip", chip, trace});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.err, IsEmpty());
    EXPECT_THAT(run.out, AllOf(HasSubstr("64 reads of 4.096 kB"), HasSubstr("64 writes of 4.096 kB"), HasSubstr("p99"),
                               HasSubstr("conflicts"), HasSubstr("row hits")));
}

TEST(CliReplay, JsonHoldsEveryWindowAndTheFiguresAddUp) {
    const ProgramRun run = run_program({"replay", "--chip", chip, "--json", "--window", "100", trace});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const auto json = nlohmann::json::parse(run.out);
    EXPECT_EQ(json.at("window_ps"), 100'000);
    const std::uint64_t time = json.at("time_ps");
    const auto& windows = json.at("windows");
    EXPECT_EQ(windows.size(), time / 100'000 + 1);
    std::uint64_t reads = 0, bytes = 0, hits = 0;
    for (const auto& each : windows) {
        reads += each.at("reads").get<std::uint64_t>();
        bytes += each.at("bytes_written").get<std::uint64_t>();
        hits += each.at("row_hits").get<std::uint64_t>();
    }
    EXPECT_EQ(reads, 64u);
    EXPECT_EQ(bytes, 4096u);
    EXPECT_EQ(hits, json.at("rows").at("hits").get<std::uint64_t>());
    EXPECT_LE(json.at("read_latency").at("p50_ps"), json.at("read_latency").at("max_ps"));
}

TEST(CliReplay, ReadsATraceFromStandardInput) {
    const TemporaryFolder folder;
    const std::string out = folder.path("out.json");
    const std::string command =
        std::string(GRADUS_PROGRAM) + " replay --json --chip " + chip + " - <" + trace + " >" + quoted(out);
    ASSERT_EQ(std::system(command.c_str()), 0);
    auto piped = nlohmann::json::parse(file_content(out));
    auto read = nlohmann::json::parse(run_program({"replay", "--chip", chip, "--json", trace}).out);
    EXPECT_EQ(piped.at("trace"), "-");
    piped.erase("trace");
    read.erase("trace");
    EXPECT_EQ(piped, read);
}

TEST(CliReplay, ASettingChangesTheDram) {
    const auto time = [](const std::string& setting) {
        const ProgramRun run = run_program({"replay", "--chip", chip, "--json", "--set", setting, trace});
        EXPECT_EQ(run.exit_code, 0) << run.err;
        return nlohmann::json::parse(run.out).at("read_latency").at("mean_ps").get<double>();
    };
    EXPECT_NEAR(time("chip.dram.front_end=50") - time("chip.dram.front_end=0"), 50 * 469.0, 1.0)
        << "fifty cycles of LPDDR4-4266, 469 ps each";
}

TEST(CliReplay, PlaysATraceOfAnotherSimulatorAndSaysWhatItTookItFor) {
    const TemporaryFolder folder;
    const auto play = [&](const std::string& text, std::vector<std::string> options = {}) {
        std::ofstream(folder.path("t.trc"), std::ios::binary) << text;
        options.insert(options.begin(), {"replay", "--chip", chip, folder.path("t.trc")});
        const ProgramRun run = run_program(options);
        EXPECT_EQ(run.exit_code, 0) << run.err;
        return std::regex_replace(run.out, std::regex("\n   "), " "); // lines that were wrapped
    };
    EXPECT_THAT(play("0x1000 READ 5\n0x1040 WRITE 9\n"),
                AllOf(HasSubstr("trace    dramsim, recognised; cycles of 2132.2 MHz, the DRAM's clock (--trace-clock)"),
                      HasSubstr("requests of 32 bytes, a burst (--request-bytes)"), HasSubstr("1 reads of 32 B")));
    EXPECT_THAT(play("0x1000 R\n", {"--request-bytes", "64"}),
                AllOf(HasSubstr("trace    ramulator, recognised; no times"), HasSubstr("requests of 64 bytes")));
    // A microsecond of a clock of 1 GHz is the same as 1000 ns of our own format.
    const auto of_clock = nlohmann::json::parse(
        play("0x0 READ 0\n0x1000 READ 1000\n", {"--json", "--trace-clock", "1GHz", "--request-bytes", "64"}));
    const auto of_ns = nlohmann::json::parse(play("0 R 0x0 64\n1000 R 0x1000 64\n", {"--json"}));
    EXPECT_EQ(of_clock.at("time_ps"), of_ns.at("time_ps"));
    EXPECT_EQ(of_clock.at("read_latency"), of_ns.at("read_latency"));
    EXPECT_EQ(of_clock.at("format"), "dramsim");
    EXPECT_EQ(of_clock.at("trace_clock_hz"), 1e9);
    EXPECT_EQ(of_ns.at("format"), "gradus");
    EXPECT_TRUE(of_ns.at("request_bytes").is_null());
    EXPECT_THAT(play("0xfff0001000 R\n", {"--wrap"}), HasSubstr("1 reads"));
    EXPECT_THAT(play("0x80001000 R\n", {"--trace-base", "0x80000000"}), HasSubstr("1 reads"));
    EXPECT_THAT(play("4 read 0x40\n3 read 0x40\n", {"--format", "dramsys-relative"}), HasSubstr("2 reads"));
}

TEST(CliReplay, RefusesAnOptionThatTheFormatHasNoUseFor) {
    const TemporaryFolder folder;
    std::ofstream(folder.path("r.trace")) << "0x1000 R\n";
    const auto with = [&](const std::string& file, const char* option, const char* value) {
        return refused({"replay", "--chip", chip, file, option, value});
    };
    EXPECT_THAT(with(folder.path("r.trace"), "--trace-clock", "800"),
                HasSubstr("--trace-clock: a trace in the format ramulator"));
    EXPECT_THAT(with(trace, "--request-bytes", "64"), HasSubstr("--request-bytes: a trace in the format gradus"));
    EXPECT_THAT(with(trace, "--request-bytes", "0"), HasSubstr("--request-bytes is 1 to 65536"));
    EXPECT_THAT(with(trace, "--trace-clock", "fast"), HasSubstr("--trace-clock is 0.001 to 1000000 MHz"));
    EXPECT_THAT(with(trace, "--trace-base", "here"), HasSubstr("--trace-base: 'here' is no address"));
    EXPECT_THAT(with(trace, "--format", "dramsims"), HasSubstr("nearest: 'dramsim'"));
    EXPECT_THAT(with(trace, "--format", "ramulator"), HasSubstr("copy.trace:4: '0 R 0x000000 64' is no request"));
}

TEST(CliReplay, RefusesWhatItCannotPlayWithThePlaceAndTheReason) {
    const TemporaryFolder folder;
    const auto with = [&](const std::string& text) {
        std::ofstream(folder.path("bad.trace"), std::ios::binary) << text;
        return refused({"replay", "--chip", chip, folder.path("bad.trace")});
    };
    EXPECT_THAT(with("R 0 64\nQ 0 64\n"), HasSubstr("bad.trace:2: 'Q' is neither R nor W"));
    EXPECT_THAT(with(""), HasSubstr("there is no request in it"));
    EXPECT_THAT(with("R 0xffffffffff 64\n"), HasSubstr("reach beyond the DRAM"));
    EXPECT_THAT(with(std::string(100'000, '\0')), HasSubstr("longer than 4096"));
    std::ofstream(folder.path("far.trace")) << "0 R 0 64\n1000000 R 0 64\n";
    EXPECT_THAT(refused({"replay", "--chip", chip, "--window", "1", folder.path("far.trace")}),
                HasSubstr("far.trace:2: the trace takes more than 100000 windows of 1 ns"));
    EXPECT_THAT(refused({"replay", "--chip", chip, "--window", "0", trace}), HasSubstr("--window"));
    EXPECT_THAT(refused({"replay", "--chip", chip, folder.path("none.trace")}), HasSubstr("there is no file"));
    EXPECT_THAT(refused({"replay", "--chip", chip, folder.path("")}), HasSubstr("is a directory"));
    EXPECT_THAT(refused({"replay", trace}), HasSubstr("which chip?"));
    EXPECT_THAT(refused({"replay", "--chip", chip}), HasSubstr("which trace?"));
    EXPECT_THAT(refused({"replay", "--chip", "none.toml", trace}), HasSubstr("none.toml"));
}

} // namespace
} // namespace gradus::test::dram_replay_cli_test
