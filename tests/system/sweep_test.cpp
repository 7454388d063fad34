// SPDX-License-Identifier: Apache-2.0
// gradus sweep from the outside: its files, its messages, and that being killed changes nothing.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/program.h"

namespace gradus::test::sweep_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Sweep : public testing::Test {
protected:
    /// Of the smallest chip and the smallest model, timing alone.
    void write(const std::string& rest) const {
        std::ofstream(folder_.path("sweep.toml"))
            << "scenario = '" << fs::absolute("scenarios/runs/names.toml").string() << "'\n"
            << "set.run = { steps = 1, data = 'none', generate = 0 }\n"
            << rest;
    }
    std::vector<std::string> arguments(const std::string& out) const {
        return {"sweep", folder_.path("sweep.toml"), "--jobs", "2", "--out", folder_.path(out)};
    }
    ProgramRun run(const std::string& out) const { return run_program(arguments(out)); }
    std::string csv(const std::string& out) const { return file_content(folder_.path(out + "/points.csv")); }

    /// Starts the sweep and kills it, without a chance to put anything in order.
    void run_and_kill(const std::string& out, std::chrono::milliseconds after) const {
        std::vector<std::string> words = arguments(out);
        words.insert(words.begin(), GRADUS_PROGRAM);
        words.emplace_back("--quiet");
        std::vector<char*> argv;
        for (std::string& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        const pid_t child = fork();
        if (child == 0) {
            execv(argv[0], argv.data());
            _exit(127);
        }
        std::this_thread::sleep_for(after);
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
    }

    void expect_kills_change_nothing(int kills) const {
        const auto begin = std::chrono::steady_clock::now();
        ASSERT_EQ(run("whole").exit_code, 0);
        const auto whole =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
        const unsigned seed = std::random_device{}();
        std::printf("seed %u\n", seed);
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        for (int i = 0; i < kills; ++i) // long enough to get somewhere, too short to get to the end at once
            run_and_kill("killed", whole * (10 + static_cast<int>(random() % 50)) / 100);
        const ProgramRun rest = run("killed");
        EXPECT_EQ(rest.exit_code, 0) << rest.err;
        EXPECT_EQ(csv("killed"), csv("whole"));
    }

    TemporaryFolder folder_;
};

const std::string grid =
    "[vary]\nchip.engine.matrix.rows = [2, 4, 8]\nchip.dma.outstanding = { from = 1, to = 20, step = 1 }\n"
    "[objectives]\ntotals.time_ps = 'minimise'\nunits.matrix.peak_per_cycle = 'minimise'\n";

/// Lines of points.csv by their status.
std::map<std::string, std::vector<std::string>> by_status(const std::string& csv) {
    std::map<std::string, std::vector<std::string>> lines;
    std::istringstream stream(csv);
    for (std::string line; std::getline(stream, line);) {
        const std::size_t comma = line.find(',') + 1;
        lines[line.substr(comma, line.find(',', comma) - comma)].push_back(line);
    }
    return lines;
}

/// With a decay of 100 the weights, and with them the loss, grow beyond all floating-point numbers.
class DivergingSweep : public Sweep {
protected:
    void write_diverging(const std::string& decays, const std::string& rest) const {
        std::ofstream(folder_.path("sweep.toml"))
            << "scenario = '" << fs::absolute("scenarios/runs/names.toml").string() << "'\n"
            << "set.run = { steps = 5, generate = 0, learning_rate = 1000 }\n"
            << "[vary]\nrun.weight_decay = " << decays << "\n[objectives]\nsteps.4.loss = 'minimise'\n"
            << rest;
    }
    void expect_good_and_bad(const std::string& out, std::size_t good, std::size_t bad) const {
        auto lines = by_status(csv(out));
        EXPECT_EQ(lines["done"].size(), good) << csv(out);
        EXPECT_EQ(lines["failed"].size(), bad) << csv(out);
        for (const std::string& line : lines["failed"])
            EXPECT_THAT(line, HasSubstr("the loss is nan at step"));
    }
};

TEST_F(DivergingSweep, APointWhoseLossIsNotFiniteFailsWithThatReasonWhateverTheOrder) {
    for (const char* decays : {"[100, 0]", "[0, 100]", "[100, 99, 0, 1e-9]"}) {
        SCOPED_TRACE(decays);
        const std::string out = std::to_string(std::string(decays).size()) + decays[1];
        write_diverging(decays, "");
        const ProgramRun run = this->run(out);
        EXPECT_EQ(run.exit_code, 0) << run.err;
        EXPECT_THAT(run.err, ::testing::Not(HasSubstr("no figure")));
        const bool many = std::string(decays).size() > 10;
        expect_good_and_bad(out, many ? 2 : 1, many ? 2 : 1);
        EXPECT_EQ(this->run(out).exit_code, 0) << "resumed";
        expect_good_and_bad(out, many ? 2 : 1, many ? 2 : 1);
    }
    write_diverging("[100, 99]", "");
    EXPECT_EQ(run("bad").exit_code, 0);
    expect_good_and_bad("bad", 0, 2);
}

TEST_F(DivergingSweep, ASearchGoesOnAroundPointsWhoseLossIsNotFinite) {
    write_diverging("[100, 0, 1e-9]", "totals.time_ps = 'minimise'\n"
                                      "[search]\nmethod = 'nsga2'\npopulation = 8\ngenerations = 1\n");
    const ProgramRun run = this->run("search");
    EXPECT_EQ(run.exit_code, 0) << run.err;
    expect_good_and_bad("search", 2, 1);
}

TEST_F(DivergingSweep, AMisspeltFigureStillEndsTheSweep) {
    write_diverging("[100, 0]", "totals.tim_ps = 'minimise'\n");
    const ProgramRun run = this->run("misspelt");
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, AllOf(HasSubstr("no figure 'totals.tim_ps'"), HasSubstr("'totals.time_ps'")));
}

TEST_F(Sweep, ARangeOfDecimalsHoldsDecimals) {
    write("[vary]\nchip.clock_mhz = { from = 1.1, to = 1.7, step = 0.1 }\n[objectives]\ntotals.time_ps = 'minimise'\n");
    const ProgramRun run = this->run("decimals");
    EXPECT_EQ(run.exit_code, 0) << run.err;
    for (const char* level : {",1.1,", ",1.2,", ",1.3,", ",1.4,", ",1.5,", ",1.6,", ",1.7,"})
        EXPECT_THAT(csv("decimals"), HasSubstr(level));
}

TEST_F(Sweep, ShowsTheFrontAndLeavesTableAndDatabase) {
    write("[vary]\nchip.engine.matrix.rows = [2, 4]\n[objectives]\ntotals.time_ps = 'minimise'\n");
    const ProgramRun sweep = run("out");
    EXPECT_EQ(sweep.exit_code, 0) << sweep.err;
    EXPECT_THAT(sweep.out, AllOf(HasSubstr("2 points: 2 done"), HasSubstr("best by totals.time_ps")));
    EXPECT_THAT(csv("out"), HasSubstr("id,status,front,chip.engine.matrix.rows,totals.time_ps,message\n1,done,"));
    EXPECT_TRUE(fs::exists(folder_.path("out/sweep.db")));
}

TEST_F(Sweep, APointThatFailsIsRecordedAndTheRestGoesOn) {
    write(
        "[search]\nmethod = 'list'\n"
        "[[point]]\nmodel.width = 16\nmodel.heads = 4\nchip.dram.bytes = 0x10000000\n"
        "[[point]]\nmodel.width = 18\nmodel.heads = 4\nchip.dram.bytes = 0x10000000\n" // heads do not divide the width
        "[[point]]\nmodel.width = 4096\nmodel.heads = 4\nchip.dram.bytes = 0x10000000\n" // larger than the DRAM
        "[[point]]\nmodel.width = 16\nmodel.heads = 4\nchip.dram.bytes = 0x10000000\n"
        "[objectives]\ntotals.time_ps = 'minimise'\n");
    const ProgramRun sweep = run("out");
    EXPECT_EQ(sweep.exit_code, 0) << sweep.err;
    EXPECT_THAT(sweep.out, HasSubstr("3 points: 1 done, 2 infeasible, 0 failed")) << "the fourth is the first";
    EXPECT_THAT(csv("out"), AllOf(HasSubstr("model.heads"), HasSubstr("DRAM")));
    write("[vary]\nchip.dma.outstanding = [1, 2]\nrun.hang_instructions = [1000, 100000000]\n");
    const ProgramRun hang = run("hang");
    EXPECT_THAT(hang.out, AllOf(HasSubstr("4 points: 2 done, 0 infeasible, 2 failed"), HasSubstr("failed: ")));
}

TEST_F(Sweep, ConstraintsAreHeldAgainstTheResult) {
    write("[vary]\nchip.engine.matrix.rows = [2, 4, 8]\n[objectives]\ntotals.time_ps = 'minimise'\n"
          "[constraints]\nunits.matrix.peak_per_cycle = '<= 16'\n");
    EXPECT_THAT(run("out").out, HasSubstr("3 points: 2 done, 1 infeasible"));
    EXPECT_THAT(csv("out"), HasSubstr("units.matrix.peak_per_cycle = 32 is not <= 16"));
}

// Arrays of 2 x 4 and 4 x 4 do 8 and 16 multiply-additions a cycle, where 4 are wanted: 8 is 100 % over, 16 is 300 %.
TEST_F(Sweep, WithNothingFeasibleTheNearestMissesAreShownWhateverTheMethod) {
    for (const std::string search : {"", "[search]\nmethod = 'nsga2'\npopulation = 8\ngenerations = 1\n"}) {
        write("[vary]\nchip.engine.matrix.rows = [2, 4]\n" + search +
              "[objectives]\ntotals.time_ps = 'minimise'\nunits.matrix.busy_ps = 'minimise'\n"
              "[constraints]\nunits.matrix.peak_per_cycle = '<= 4'\n");
        const ProgramRun sweep = run(search.empty() ? "grid" : "nsga2");
        EXPECT_EQ(sweep.exit_code, 0) << sweep.err;
        EXPECT_THAT(sweep.out, AllOf(HasSubstr("2 points: 0 done, 2 infeasible"),
                                     HasSubstr("needs units.matrix.peak_per_cycle <= 4, the best has 8: 100 % over\n"),
                                     HasSubstr("  peak_per_cycle 300 % over\n")));
        EXPECT_THAT(sweep.out, HasSubstr("the scenario as it was\n")) << "its array has 4 rows";
    }
}

// At 45 nm the chip's SRAM is the first to end, at 466 MHz.
TEST_F(Sweep, AClockThatItsProcessDoesNotReachIsInfeasibleUnlessTheSweepAsksForIt) {
    const std::string rest = "[vary]\nchip.clock_mhz = [100, 4000]\n[objectives]\ntotals.time_ps = 'minimise'\n";
    write(rest);
    EXPECT_THAT(run("out").out, HasSubstr("2 points: 1 done, 1 infeasible"));
    EXPECT_THAT(csv("out"), AllOf(HasSubstr("beyond the highest clock of cmos-45nm at 1.1 V"),
                                  HasSubstr("sram 4000 of 466.3 MHz")));
    write(rest + "[search]\nclock_limits = false\n");
    EXPECT_THAT(run("free").out, HasSubstr("2 points: 2 done, 0 infeasible"));
}

// What is the smallest chip of a family in 28 nm that trains a small model with 60,000 tokens a second in the long run,
// if its clock is free? Of all 4 * 4 * 3 * 11 = 528 combinations, run once with method = "grid", it has 2.18051 mm2: a
// 4 x 4 array, one lane and 32 KiB at 1000 MHz, beyond the 910 MHz that the fabric reaches at nominal voltage. At 900
// MHz two lanes and 2.184698 mm2 do. From 1100 MHz on the fabric is beyond what the process reaches.
TEST_F(Sweep, TheSmallestChipThatIsFastEnoughIsFoundWithinTwoPercentByRunningATenthOfTheFamily) {
    const std::string scenarios = fs::absolute("scenarios").string();
    std::ofstream(folder_.path("family.toml"))
        << "[chip]\nsram.bytes = 0x40000\nscratchpad.banks = 32\nscratchpad.bank_bytes = 8\ndma.chaining = true\n"
        << "[chip.dram]\nbase = '" << scenarios << "/dram/lpddr4-3200.toml'\nbytes = 0x40000000\n"
        << "[chip.technology]\nbase = '" << scenarios << "/technology/cmos-28nm.toml'\n"
        << "[model]\nwidth = 32\nheads = 2\nmlp_width = 128\nvocabulary = 27\nformat = 'bf16'\n"
        << "[run]\nsteps = 2\nbatch = 2\ntext = 'synthetic'\ndata = 'none'\n";
    std::ofstream(folder_.path("sweep.toml"))
        << "scenario = 'family.toml'\n[vary]\nchip.engine.matrix.rows = [2, 4, 8, 16]\n"
        << "chip.engine.vector.lanes = [1, 2, 4, 8]\nchip.scratchpad.bytes = [0x8000, 0x10000, 0x20000]\n"
        << "chip.clock_mhz = { from = 200, to = 1200, step = 100 }\n"
        << "[link]\nchip.engine.matrix.cols = 'chip.engine.matrix.rows'\n"
        << "[search]\nmethod = 'descent'\npoints = 6\n[objectives]\narea.total_mm2 = 'minimise'\n"
        << "[constraints]\nsteady.tokens_per_second = '>= 60000'\n";
    const ProgramRun sweep = run("out");
    ASSERT_EQ(sweep.exit_code, 0) << sweep.err;
    std::istringstream lines(csv("out"));
    double smallest = std::numeric_limits<double>::infinity();
    int points = -1; // the first line has the titles
    for (std::string line; std::getline(lines, line); ++points) {
        std::vector<std::string> cells; // id, status, front, four keys, area, speed, message
        std::istringstream row(line);
        for (std::string cell; std::getline(row, cell, ',');)
            cells.push_back(cell);
        if (cells.at(1) == "done") smallest = std::min(smallest, std::stod(cells.at(7)));
    }
    EXPECT_LE(smallest, 1.02 * 2.18051);
    EXPECT_GE(smallest, 2.1805) << "nothing of the family is smaller";
    EXPECT_LE(points, 53);
}

TEST_F(Sweep, AnUnknownFigureEndsItAtTheFirstPointAndCanBeCorrected) {
    write("[vary]\nchip.engine.matrix.rows = [2, 4]\n[objectives]\ntotals.tokens_per_secnd = 'maximise'\n");
    const ProgramRun sweep = run("out");
    EXPECT_EQ(sweep.exit_code, 2);
    EXPECT_THAT(sweep.err, AllOf(HasSubstr("sweep.toml:6: the result has no figure 'totals.tokens_per_secnd'"),
                                 HasSubstr("'totals.tokens_per_second'")));
    write("[vary]\nchip.engine.matrix.rows = [2, 4]\n[objectives]\ntotals.tokens_per_second = 'maximise'\n");
    EXPECT_EQ(run("out").exit_code, 0);
}

TEST_F(Sweep, TheFolderOfAnotherSweepIsRefused) {
    write("[vary]\nchip.engine.matrix.rows = [2]\n");
    EXPECT_EQ(run("out").exit_code, 0);
    const std::string database = csv("out");
    write("[vary]\nchip.engine.matrix.rows = [4]\n");
    const ProgramRun sweep = run("out");
    EXPECT_EQ(sweep.exit_code, 2);
    EXPECT_THAT(sweep.err, AllOf(HasSubstr("holds another sweep"), HasSubstr("rows = 2"), HasSubstr("rows = 4")));
    EXPECT_EQ(csv("out"), database);
}

/// More often by hand: GRADUS_SWEEP_KILLS=20 sweep_test --gtest_filter=*Killed*
TEST_F(Sweep, KilledAtRandomMomentsItsTableIsThatOfAnUndisturbedRun) {
    write(grid);
    const char* kills = std::getenv("GRADUS_SWEEP_KILLS");
    expect_kills_change_nothing(kills ? std::atoi(kills) : 5);
}

TEST_F(Sweep, AKilledGeneticSearchTakesTheSamePath) {
    write("[vary]\nchip.engine.matrix.rows = { from = 1, to = 8, step = 1 }\n"
          "chip.engine.matrix.cols = { from = 1, to = 8, step = 1 }\n"
          "[search]\nmethod = 'nsga2'\npopulation = 8\ngenerations = 3\n"
          "[objectives]\ntotals.time_ps = 'minimise'\nunits.matrix.peak_per_cycle = 'minimise'\n"
          "[constraints]\nunits.matrix.peak_per_cycle = '<= 40'\n");
    expect_kills_change_nothing(2);
}

} // namespace
} // namespace gradus::test::sweep_test
