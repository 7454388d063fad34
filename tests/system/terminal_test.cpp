// SPDX-License-Identifier: Apache-2.0
// What every subcommand looks like on a terminal: no line is wider than it, and colours can be turned off.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/report/human.h"
#include "tests/support/terminal_program.h"

namespace gradus::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Broken UTF-8 or an escape sequence that was cut would show as garbage.
bool is_whole(const std::string& line) { return report::plain(line, line.size() + 1) == line; }

/// Lines of the run that are wider than the terminal or broken; paths of files may be long.
std::vector<std::string> bad_lines(const ProgramRun& run, std::size_t width, const std::string& folder) {
    std::vector<std::string> bad;
    std::string text = run.out;
    std::replace(text.begin(), text.end(), '\r', '\n'); // a line of progress that is written over
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        if (line.find(folder) != std::string::npos) continue;
        if (line.rfind("train: ", 0) == 0) continue; // what the firmware prints is passed on as it is
        if (report::columns(line) > width || (line.find('\x1b') == std::string::npos && !is_whole(line)))
            bad.push_back(line);
    }
    return bad;
}

void expect_to_fit(const std::vector<std::string>& arguments, const std::string& folder, int exit_code = 0) {
    for (const unsigned short width : {80, 40}) {
        const ProgramRun run = run_on_terminal(arguments, width);
        EXPECT_EQ(run.exit_code, exit_code) << run.out;
        EXPECT_THAT(bad_lines(run, width, folder), ::testing::IsEmpty()) << arguments[0] << " at " << width << "\n"
                                                                         << run.out;
    }
}

class Terminal : public testing::Test {
protected:
    static constexpr const char* small_run = "scenarios/runs/names.toml";
    static constexpr const char* tiny = "scenarios/chips/tiny.toml";

    std::string path(const std::string& name) const { return folder_.path(name); }
    void fits(const std::vector<std::string>& arguments, int exit_code = 0) const {
        expect_to_fit(arguments, folder_.path(""), exit_code);
    }

    TemporaryFolder folder_;
};

TEST_F(Terminal, HelpFits) {
    fits({"--help"});
    for (const char* command : {"run", "schedule", "info", "check", "op", "validate", "replay", "compare", "whatif",
                                "sweep", "report", "calibrate"})
        fits({command, "--help"});
}

TEST_F(Terminal, WhatIsKnownWithoutASimulationFits) {
    fits({"info"});
    fits({"info", "--chip", "scenarios/chips/train.toml"});
    fits({"check", small_run});
    fits({"schedule", "scenarios/runs/train.toml"});
}

TEST_F(Terminal, ARunFits) {
    fits({"run", small_run, "--steps", "2", "--out", path("run")});
    fits({"run", small_run, "--steps", "6", "--set", "run.learning_rate=1000", "--set", "run.weight_decay=100", "--out",
          path("nan")});
}

TEST_F(Terminal, OperatorsFit) {
    fits({"op", "gemm", "--chip", tiny, "--shape", "64x64x64", "--shape", "8x8x8"});
    fits({"op", "softmax", "--chip", tiny, "--shape", "64x64"});
}

TEST_F(Terminal, ComparisonsAndWhatIfsFit) {
    const std::string wide = path("another-scenario-with-a-long-name.toml");
    std::filesystem::copy_file(small_run, path("copy.toml"));
    std::ofstream(wide) << "model.vocabulary = 27\nrun.text = \"synthetic\"\nrun.steps = 1\n[chip]\nbase = '"
                        << std::filesystem::absolute(tiny).string() << "'\n";
    fits({"compare", wide, small_run, "--steps", "1", "--data", "none", "--set", "run.generate=0"});
    fits({"whatif", small_run, "--steps", "2", "--set", "run.data=none", "--vary", "chip.dma.outstanding=1,2,4"});
    fits({"whatif", small_run, "--steps", "2", "--set", "run.data=none"});
}

TEST_F(Terminal, ASweepFits) {
    std::ofstream(path("sweep.toml")) << "scenario = '" << std::filesystem::absolute(small_run).string() << "'\n"
                                      << "set.run = { steps = 1, data = 'none', generate = 0 }\n"
                                         "[vary]\nchip.engine.matrix.rows = [2, 4]\nchip.dma.outstanding = [1, 2]\n"
                                         "[objectives]\ntotals.time_ps = 'minimise'\nenergy.total_j = 'minimise'\n"
                                         "units.matrix.busy_ps = 'minimise'\nunits.vector.busy_ps = 'minimise'\n"
                                         "totals.tokens_per_second = 'maximise'\n";
    fits({"sweep", path("sweep.toml"), "--out", path("sweep")});
}

TEST_F(Terminal, ReplaysAndCalibrationsFit) {
    std::ofstream trace(path("a.trace"));
    for (int i = 0; i < 5000; ++i)
        trace << (i % 3 ? "R " : "W ") << i * 64 << " 64\n";
    trace.close();
    fits({"replay", "--chip", tiny, path("a.trace")});
    std::ofstream(path("rows.csv")) << "operator,shape,cycles,clock_mhz\ngemm,64x64x64,9000,100\n"
                                       "gemm,32x32x32,3000,100\nadd,64x64,2000,100\nadd,128x64,3500,100\n";
    fits({"calibrate", tiny, path("rows.csv"), "--evaluations", "8"}, 3); // which cannot explain them
}

TEST_F(Terminal, ColoursAreForTerminalsThatHaveThemAndUsersWhoWantThem) {
    const std::vector<std::string> run{"run",   small_run,        "--steps", "1",
                                       "--set", "run.generate=0", "--out",   path("run")};
    EXPECT_THAT(run_on_terminal(run, 80).out, HasSubstr("\x1b[1m"));
    EXPECT_THAT(run_on_terminal(run, 80, {{"NO_COLOR", "1"}}).out, Not(HasSubstr("\x1b[1m")));
    EXPECT_THAT(run_on_terminal(run, 80, {{"TERM", "dumb"}}).out, Not(HasSubstr("\x1b")));
}

} // namespace
} // namespace gradus::test
