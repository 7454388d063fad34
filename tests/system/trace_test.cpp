// SPDX-License-Identifier: Apache-2.0
// sanitized
// The traces of gradus run from the outside: what is in them, and that they are whole however the run ends.
#include <filesystem>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"
#include "tests/support/slice_check.h"
#include "tests/support/vcd_reader.h"

namespace gradus::test::trace_test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Trace : public ::testing::Test {
protected:
    ProgramRun run(const std::vector<std::string>& more, const std::string& steps = "1") const {
        std::vector<std::string> arguments{"run",
                                           "scenarios/runs/names.toml",
                                           "--steps",
                                           steps,
                                           "--data",
                                           "none",
                                           "--set",
                                           "run.generate=0",
                                           "--quiet",
                                           "--out",
                                           folder_.path("out")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_program(arguments);
    }
    std::string refused(const std::vector<std::string>& more) const {
        const ProgramRun refused = run(more);
        EXPECT_EQ(refused.exit_code, 2);
        EXPECT_FALSE(fs::exists(file("result.json")));
        return refused.err;
    }
    std::string file(const char* name) const { return folder_.path(std::string("out/") + name); }
    json result() const { return json::parse(file_content(file("result.json"))); }

    const TemporaryFolder folder_;
};

TEST_F(Trace, HoldsEverySpanAndItsSlicesNestWithoutALimit) {
    const ProgramRun two = run({}, "2");
    EXPECT_EQ(two.exit_code, 0) << two.err;
    EXPECT_THAT(two.err, IsEmpty());
    const SliceCheck check = check_slices(file("trace.json"));
    EXPECT_EQ(check.error, "");
    EXPECT_GT(check.slices, result().at("totals").at("commands").get<std::uint64_t>());
    EXPECT_NEAR(check.last * 1e6, result().at("totals").at("time_ps").get<double>(), 1);
    EXPECT_FALSE(fs::exists(file("trace.vcd")));
    EXPECT_FALSE(fs::exists(file("operators.csv")));
}

TEST_F(Trace, AWindowAndAFilterLeaveTheirPart) {
    const ProgramRun part = run({"--trace-window", "2.5ms:2.7ms", "--trace-filter", "^matrix$"});
    EXPECT_EQ(part.exit_code, 0) << part.err;
    EXPECT_THAT(part.err, IsEmpty());
    EXPECT_EQ(check_slices(file("trace.json")).error, "");
    const json trace = json::parse(file_content(file("trace.json")));
    int slices = 0;
    for (const json& event : trace.at("traceEvents")) {
        if (event.at("ph") == "C") {
            EXPECT_EQ(event.at("name"), "matrix queue");
            EXPECT_GE(event.at("ts"), 2500);
            EXPECT_LT(event.at("ts"), 2700);
        }
        if (event.at("ph") != "B" || event.at("cat") == "step") continue;
        ++slices;
        EXPECT_EQ(event.at("tid"), 4);
        EXPECT_LT(event.at("ts"), 2700);
    }
    EXPECT_GT(slices, 5);
}

TEST_F(Trace, PowerOverTheTraceIsTheEnergyOfTheRun) {
    EXPECT_EQ(run({"--trace-window", "0s:"}, "2").exit_code, 0);
    std::map<std::string, double> joules, watts;
    double since = 0;
    std::map<double, json> values; // events are in no order of time
    const json trace = json::parse(file_content(file("trace.json")));
    for (const json& event : trace.at("traceEvents"))
        if (event.at("ph") == "C" && event.at("name") == "power W") values[event.at("ts")] = event.at("args");
    for (const auto& [time, power] : values) {
        for (const auto& [block, value] : watts)
            joules[block] += value * (time - since) * 1e-6;
        since = time;
        watts = power.get<std::map<std::string, double>>();
    }
    EXPECT_NEAR(since * 1e6, result().at("totals").at("time_ps").get<double>(), 1);
    const json energy = result().at("energy");
    const double total = energy.at("total_j");
    constexpr double rounding = 5e-5; // half of the last of five digits
    EXPECT_NEAR(joules.at("total"), total, rounding * total);
    for (const json& block : energy.at("blocks"))
        EXPECT_NEAR(joules.at(block.at("name")), block.at("total_j"), rounding * block.at("total_j").get<double>());
}

TEST_F(Trace, ChangesNothingInTheResult) {
    const auto without_host_and_origins = [&] {
        json result = this->result();
        result.erase("host");
        result.erase("origins");
        return result;
    };
    EXPECT_EQ(run({"--trace", "off"}, "2").exit_code, 0);
    const json plain = without_host_and_origins();
    EXPECT_EQ(run({"--vcd", "--operators"}, "2").exit_code, 0);
    json traced = without_host_and_origins();
    EXPECT_NE(traced.at("scenario"), plain.at("scenario")) << "run.trace";
    traced["scenario"] = plain.at("scenario");
    EXPECT_EQ(traced, plain);
}

TEST_F(Trace, AScenarioCanSayItsWindow) {
    EXPECT_EQ(run({"--trace-window", "2.5ms:2.6ms"}).exit_code, 0);
    const std::string asked = file_content(file("trace.json"));
    EXPECT_EQ(run({"--set", "run.trace_window=2.5ms:2.6ms"}).exit_code, 0);
    EXPECT_EQ(file_content(file("trace.json")), asked);
    EXPECT_THAT(file_content(file("summary.txt")), ::testing::HasSubstr("in the window 2.5ms:2.6ms"));
    EXPECT_EQ(run({"--set", "run.trace_window=nonsense"}).exit_code, 2);
}

TEST_F(Trace, TheDumpSaysWhatTheResultSays) {
    const ProgramRun vcd = run({"--trace", "off", "--vcd", "--operators"}, "2");
    EXPECT_EQ(vcd.exit_code, 0) << vcd.err;
    EXPECT_FALSE(fs::exists(file("trace.json")));
    const VcdFile dump = read_vcd(file("trace.vcd"));
    EXPECT_EQ(dump.error, "");
    EXPECT_EQ(dump.timescale, "1ps");
    const json result = this->result();
    EXPECT_EQ(dump.last_time, result.at("totals").at("time_ps"));
    for (const json& unit : result.at("units")) {
        const std::string scope = "chip." + unit.at("name").get<std::string>();
        EXPECT_EQ(dump.time_at(scope + ".busy", "1"), unit.at("busy_ps")) << scope;
        if (unit.at("kind") == "cpu") continue;
        EXPECT_EQ(dump.values(scope + ".depth").back(),
                  dump.values(scope + ".fence").back().substr(0, dump.values(scope + ".fence").back().find(':')) + ":0")
            << "empty when the last command has retired";
        EXPECT_EQ(dump.values(scope + ".busy").front(), "0:0");
    }
    EXPECT_THAT(dump.values("chip.steps_done").back(), ::testing::EndsWith(":10"));
}

TEST_F(Trace, GtkwaveShowsSignalsThatTheDumpHas) {
    EXPECT_EQ(run({"--vcd", "--trace-filter", "dma0|vector"}).exit_code, 0);
    const VcdFile dump = read_vcd(file("trace.vcd"));
    std::istringstream lines(file_content(file("trace.gtkw")));
    int shown = 0;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_THAT(line, ::testing::Not(HasSubstr("/"))) << "no path of this machine";
        const std::size_t name = line.find("chip.");
        if (name == std::string::npos || line[0] == '[') continue;
        EXPECT_TRUE(dump.codes.count(line.substr(name, line.find('[') - name))) << line;
        ++shown;
    }
    EXPECT_GT(shown, 20);
}

TEST_F(Trace, OperatorsAddUpToTheResult) {
    EXPECT_EQ(run({"--operators"}, "3").exit_code, 0);
    std::istringstream lines(file_content(file("operators.csv")));
    std::vector<std::string> columns;
    std::uint64_t macs = 0, commands = 0, rows = 0;
    for (std::string line; std::getline(lines, line); ++rows) {
        std::vector<std::string> fields; // none of this run is quoted
        std::istringstream rest(line + ",");
        for (std::string field; std::getline(rest, field, ',');)
            fields.push_back(field);
        if (columns.empty()) {
            columns = fields;
            continue;
        }
        ASSERT_EQ(fields.size(), columns.size());
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (columns[i] == "macs") macs += std::stoull(fields[i]);
            if (columns[i] == "commands") commands += std::stoull(fields[i]);
        }
    }
    EXPECT_EQ(macs, result().at("totals").at("macs"));
    EXPECT_EQ(commands, result().at("totals").at("commands"));
    EXPECT_GT(rows, 3 * 20u);
}

TEST_F(Trace, WhatMakesNoSenseIsRefused) {
    EXPECT_THAT(refused({"--trace", "off", "--trace-window", "1ms:"}),
                HasSubstr("--trace-window without a trace, as run.trace is off; --trace on and --vcd write one"));
    EXPECT_THAT(refused({"--set", "run.trace=false", "--operators", "--trace-filter", "dma"}),
                HasSubstr("--trace-filter without a trace"));
    EXPECT_THAT(refused({"--trace-window", "2ms:1ms"}), HasSubstr("--trace-window: '2ms:1ms' holds no time"));
    EXPECT_THAT(refused({"--trace-window", "1:2"}), HasSubstr("a time is a number and ps, ns, us, ms or s"));
    EXPECT_THAT(refused({"--trace-filter", "dma["}), HasSubstr("--trace-filter: missing ]"));
    EXPECT_THAT(refused({"--trace-filter", ""}), HasSubstr("--trace-filter"));
    EXPECT_THAT(refused({"--trace-filter", "((x{1000}){1000}){1000}"}), HasSubstr("--trace-filter: "));
}

TEST_F(Trace, ATraceOfNothingIsSaid) {
    const ProgramRun filter = run({"--trace-filter", "matrxi"});
    EXPECT_EQ(filter.exit_code, 0);
    EXPECT_THAT(filter.err, AllOf(HasSubstr("--trace-filter 'matrxi' finds no unit"), HasSubstr("nearest: 'matrix'"),
                                  HasSubstr("nothing is in the trace")));
    const ProgramRun window = run({"--vcd", "--trace-window", "5s:"});
    EXPECT_EQ(window.exit_code, 0);
    EXPECT_THAT(window.err, HasSubstr("nothing is in the trace: its window begins at 5000000000000 ps"));
    EXPECT_EQ(check_slices(file("trace.json")).error, "");
    EXPECT_EQ(read_vcd(file("trace.vcd")).error, "");
}

TEST_F(Trace, AnInterruptedRunLeavesWholeFiles) {
    // It is interrupted once its first lines are in the trace, and would otherwise run for hours.
    const std::string command = "exec 2>" + quoted(folder_.path("err")) +
                                "; " GRADUS_PROGRAM " run scenarios/runs/names.toml --steps 300000 "
                                "--data none --vcd --operators --out " +
                                quoted(folder_.path("out")) +
                                " >/dev/null & child=$!; "
                                "until [ -s " +
                                quoted(file("trace.json.part")) +
                                " ]; do kill -0 $child || exit 99; sleep 0.05; done; "
                                "kill -TERM $child; wait $child";
    const int status = std::system(command.c_str());
    const std::string err = file_content(folder_.path("err"));
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 130) << err;
    EXPECT_THAT(err, HasSubstr("gradus: interrupted after "));
    const json result = this->result();
    EXPECT_GT(result.at("totals").at("time_ps"), 0);
    const SliceCheck check = check_slices(file("trace.json"));
    EXPECT_EQ(check.error, "");
    EXPECT_GT(check.slices, 100u);
    const VcdFile dump = read_vcd(file("trace.vcd"));
    EXPECT_EQ(dump.error, "");
    EXPECT_EQ(dump.last_time, result.at("totals").at("time_ps"));
    EXPECT_EQ(file_content(file("operators.csv")).back(), '\n');
}

TEST_F(Trace, AFailedRunLeavesAWholeTrace) {
    const ProgramRun failed = run({"--set", "run.hang_instructions=1000"});
    EXPECT_EQ(failed.exit_code, 3) << failed.err;
    EXPECT_EQ(check_slices(file("trace.json")).error, "");
}

} // namespace
} // namespace gradus::test::trace_test
