// SPDX-License-Identifier: Apache-2.0
// gradus check tells the truth: what it accepts can be run, and what a run refuses it refuses with the same words; so
// does a sweep, for which such a point is infeasible.
#include <cstdio>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/planning/planning.h"
#include "tests/firmware/hostile_cases.h"
#include "tests/support/chip_run.h"
#include "tests/support/program.h"

namespace gradus::test::check_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

const std::string names = "scenarios/runs/names.toml";

using Overrides = std::vector<std::string>;

class CheckCommand : public testing::Test {
protected:
    static ProgramRun call(std::vector<std::string> arguments, const Overrides& overrides) {
        for (const std::string& override : overrides)
            arguments.insert(arguments.end(), {"--set", override});
        return run_program(arguments);
    }
    static ProgramRun check(const Overrides& overrides, const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments{"check", names, "--steps", "1", "--data", "none"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return call(arguments, overrides);
    }
    ProgramRun run(const Overrides& overrides, const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments{"run",     names, "--data", "none",
                                           "--steps", "1",   "--out",  folder_.path("run")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return call(arguments, overrides);
    }
    /// The row of a sweep of that one point in points.csv.
    std::string swept(const Overrides& overrides, const std::vector<std::string>& more = {}) const {
        std::ofstream file(folder_.path("sweep.toml"));
        file << "scenario = '" << fs::absolute(names).string() << "'\n[set]\nrun.data = 'none'\n";
        for (const std::string& override : overrides) {
            const std::size_t equals = override.find('=');
            const std::string value = override.substr(equals + 1);
            const bool number = value.find_first_not_of("0123456789") == std::string::npos;
            file << override.substr(0, equals) << " = " << (number ? value : "'" + value + "'") << '\n';
        }
        file << "[vary]\nrun.steps = [1]\n";
        file.close();
        std::vector<std::string> arguments{"sweep", folder_.path("sweep.toml"), "--out", folder_.path("swept")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        EXPECT_EQ(run_program(arguments).exit_code, 0);
        const std::string csv = file_content(folder_.path("swept/points.csv"));
        return csv.substr(csv.find('\n') + 1);
    }

    TemporaryFolder folder_;
};

std::string csv_quoted(std::string text) {
    for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2)
        text.insert(at, 1, '"');
    return text;
}

struct Case {
    const char* name;
    Overrides overrides;
    const char* words;
};

void PrintTo(const Case& refused, std::ostream* out) { *out << refused.name; }

class CheckCommandRefuses : public CheckCommand, public testing::WithParamInterface<Case> {};

TEST_P(CheckCommandRefuses, WhatARunRefusesWithTheSameWordsAndASweepCallsItInfeasible) {
    const ProgramRun run = this->run(GetParam().overrides);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr(GetParam().words));
    const ProgramRun checked = check(GetParam().overrides);
    EXPECT_EQ(checked.exit_code, 2);
    EXPECT_EQ(checked.err, run.err);
    EXPECT_EQ(checked.out, "");
    const std::string message = run.err.substr(8, run.err.find_last_not_of('\n') - 7); // without "gradus: "
    EXPECT_THAT(swept(GetParam().overrides), AllOf(HasSubstr("1,infeasible,"), HasSubstr(csv_quoted(message))));
}

const std::vector<Case> refused{
    {"AnSramThatIsTooSmallForTheFirmware", {"chip.sram.bytes=65536"}, "lies outside the hart's SRAM"},
    {"AnArrayThatHasNoRtl", {"chip.engine.matrix.model=rtl", "chip.engine.matrix.dataflow=dot"}, "RTL"},
    {"AModelLargerThanTheDram", {"model.width=4096"}, "does not fit into DRAM"},
    {"ATextWithMoreCharactersThanTokens", {"model.vocabulary=3"}, "model.vocabulary is 3"},
    {"ATextWithoutALine", {"run.text=/dev/null"}, "training text"},
    {"InputsBeyondTheirPlace", {"run.batch=4096", "model.context=65536"}, "inputs of a step"},
};

INSTANTIATE_TEST_SUITE_P(Runs, CheckCommandRefuses, testing::ValuesIn(refused),
                         [](const auto& info) { return info.param.name; });

std::string elf(const std::string& name) { return firmware_path(name); }

TEST_F(CheckCommand, BootsOtherFirmwareAndSaysHowFarItCame) {
    EXPECT_THAT(check({}, {"--firmware", elf("hello")}).out, HasSubstr("  boot   hello.elf: ended with exit code 0"));
    fs::copy_file(elf("train"), folder_.path("copy.elf"));
    EXPECT_THAT(check({}, {"--firmware", folder_.path("copy.elf")}).out,
                HasSubstr("  boot   copy.elf: has done a step"));
    const ProgramRun seven = check({"run.seed=" + std::to_string(HOSTILE_RETURN_7)}, {"--firmware", elf("hostile")});
    EXPECT_EQ(seven.exit_code, 2);
    EXPECT_EQ(seven.err, "gradus: the firmware ended with exit code 7\n");
}

TEST_F(CheckCommand, RefusesWhatOtherFirmwareRefusesAtBootWithItsWordsAsASweepDoes) {
    const Overrides overrides{"run.seed=" + std::to_string(HOSTILE_WANTS_MORE_MEMORY)};
    const std::vector<std::string> hostile{"--firmware", elf("hostile")};
    const ProgramRun run = this->run(overrides, hostile);
    EXPECT_EQ(run.exit_code, 75);
    const std::string line = run.out.substr(0, run.out.find('\n'));
    EXPECT_THAT(line, HasSubstr("firmware: SRAM is too small: 1073741824 bytes wanted"));
    const ProgramRun checked = check(overrides, hostile);
    EXPECT_EQ(checked.exit_code, 2);
    EXPECT_EQ(checked.err, "gradus: " + line + "\n");
    EXPECT_THAT(swept(overrides, hostile), EndsWith(csv_quoted(line) + "\"\n"));
    EXPECT_THAT(swept(overrides, hostile), HasSubstr("1,infeasible,"));
}

TEST_F(CheckCommand, AFileThatIsNoFirmwareEndsASweepBeforeItsFirstPoint) {
    std::ofstream(folder_.path("sweep.toml"))
        << "scenario = '" << fs::absolute(names).string() << "'\n[vary]\nrun.steps = [1]\n";
    const std::vector<std::string> text{"--firmware", fs::absolute(names).string()};
    const ProgramRun sweep =
        run_program({"sweep", folder_.path("sweep.toml"), "--out", folder_.path("swept"), "--firmware", text.back()});
    EXPECT_EQ(sweep.exit_code, 2);
    EXPECT_THAT(sweep.err, HasSubstr("cannot be loaded: ELF: "));
    EXPECT_EQ(sweep.err, check({}, text).err);
    EXPECT_FALSE(fs::exists(folder_.path("swept")));
}

/// Legal and not: every choice of a key is allowed by itself.
Overrides random_chip(std::mt19937& random) {
    const auto one_of = [&](const char* key, const std::vector<std::string>& values) {
        return std::string(key) + "=" + values[random() % values.size()];
    };
    return {one_of("chip.sram.bytes", {"131072", "262144", "262144"}),
            one_of("chip.scratchpad.bytes", {"1024", "4096"}),
            one_of("chip.engine.matrix.rows", {"1", "3", "64"}),
            one_of("chip.engine.matrix.cols", {"1", "5", "256"}),
            one_of("chip.engine.matrix.dataflow", {"output", "weight", "input", "dot"}),
            one_of("chip.dma.channels", {"1", "2", "16"}),
            one_of("model.format", {"fp32", "bf16"}),
            one_of("model.width", {"8", "16", "16", "4096"})};
}

TEST_F(CheckCommand, SaysOkExactlyWhenAStepCanBeRun) {
    const unsigned seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int i = 0; i < 5; ++i) {
        const Overrides chip = random_chip(random);
        SCOPED_TRACE(testing::PrintToString(chip));
        const ProgramRun checked = check(chip), run = this->run(chip);
        EXPECT_EQ(checked.exit_code == 0, run.exit_code == 0) << checked.err << run.err;
        EXPECT_EQ(checked.err, run.exit_code == 0 ? "" : run.err);
    }
}

class Console : public chip::RunListener {
public:
    void uart(char character) override { text += character; }
    void step_done(std::uint32_t /*step*/, float /*loss*/, ip::Picoseconds /*time*/) override {}
    std::string text;
};

// No scenario may have a scratchpad of 256 bytes, of which an operator has half. So the program cannot show what a
// firmware says to it; the hart can.
TEST(Planning, SaysOnTheHostWhatTheTrainingFirmwareSaysOnItsHart) {
    scenario::Scenario scenario = shipped_scenario("names", {"run.data=none", "run.steps=1"});
    scenario.chip.scratchpad.bytes = 256;
    const ChipRun run(scenario);
    Console console;
    EXPECT_EQ(run.simulate({}, {}, &console).result.exit_code, 73);
    try {
        planning::plan(scenario.chip, run.schedule);
        FAIL() << console.text;
    } catch (const chip::Refused& refusal) {
        EXPECT_THAT(console.text, EndsWith(std::string("\n") + refusal.what() + "\n"));
    }
}

} // namespace
} // namespace gradus::test::check_test
