// SPDX-License-Identifier: Apache-2.0
// gradus compare, whatif and calibrate from the outside.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"

namespace gradus::test::cli_whatif_test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string names = "scenarios/runs/names.toml";
const std::vector<std::string> short_run{"--data", "none", "--steps", "2", "--set", "run.generate=0"};

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

TEST(Compare, RunsScenariosReadsResultsAndExplainsTheDifference) {
    const TemporaryFolder folder;
    const std::string base = folder.path("base");
    ASSERT_EQ(run_program(with({"run", names, "--quiet", "--trace", "off", "--out", base}, short_run)).exit_code, 0);
    const ProgramRun run =
        run_program(with({"compare", base + "/result.json", names, "--set", "chip.engine.vector.lanes=16", "--set",
                          "chip.engine.vector.port_bytes=128", "--json", "--out", folder.path("compared")},
                         short_run));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json compared = json::parse(run.out);
    std::vector<std::string> keys;
    for (const json& input : compared["inputs"])
        keys.push_back(input["key"]);
    EXPECT_THAT(keys, AllOf(::testing::Contains("chip.engine.vector.lanes"),
                            ::testing::Contains("chip.engine.vector.port_bytes")));
    // The parts of the critical path account for the whole difference.
    const json& cause = compared["causes"][0];
    EXPECT_LT(cause["change_ps"].get<double>(), 0) << "more lanes are faster";
    for (const char* list : {"critical_path", "ops"}) {
        double sum = 0;
        for (const json& part : cause[list])
            sum += part["change_ps"].get<double>();
        EXPECT_NEAR(sum, cause["change_ps"].get<double>(), 20) << list << ": what is below a picosecond is left out";
    }
    EXPECT_EQ(json::parse(file_content(folder.path("compared") + "/compare.json")), compared);
    EXPECT_THAT(file_content(folder.path("compared") + "/report.html"), HasSubstr("<html"));
    // What it wrote is a result again.
    const ProgramRun again = run_program({"compare", base, folder.path("compared") + "/result0.json"});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_THAT(again.out, AllOf(HasSubstr("the same parameters"), HasSubstr("exactly as long")));
}

TEST(Compare, RefusesWhatCannotBeCompared) {
    EXPECT_EQ(run_program({"compare", names}).exit_code, 2);
    EXPECT_EQ(run_program({"compare", names, "no/result.json"}).exit_code, 2);
    EXPECT_EQ(run_program({"compare", names, "scenarios/runs/nmaes.toml"}).exit_code, 2);
    EXPECT_EQ(run_program({"compare", names, names, "--jobs", "0"}).exit_code, 2);
}

TEST(WhatIf, TimesEveryCombinationOfTheValuesAskedFor) {
    const TemporaryFolder folder;
    const ProgramRun run = run_program({"whatif", names, "--vary", "chip.engine.matrix.rows=2,4", "--vary",
                                        "chip.dma.channels=1,2", "--json", "--out", folder.path("out")});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json variations = json::parse(run.out)["variations"];
    EXPECT_EQ(file_content(folder.path("out") + "/whatif.json"), run.out);
    EXPECT_THAT(file_content(folder.path("out") + "/report.html"), HasSubstr("chip.engine.matrix.rows=4"));
    ASSERT_EQ(variations.size(), 5U);
    EXPECT_EQ(variations[4]["changes"], json({"chip.engine.matrix.rows=4", "chip.dma.channels=2"}));
    EXPECT_EQ(variations[4]["speedup"], 1.0) << "that is the chip as it is";
}

double steady_rate(const std::vector<std::string>& settings, const std::string& out) {
    std::vector<std::string> arguments{"run",     names, "--quiet", "--trace",        "off",   "--data", "none",
                                       "--steps", "2",   "--set",   "run.generate=0", "--out", out};
    for (const std::string& setting : settings)
        arguments.insert(arguments.end(), {"--set", setting});
    EXPECT_EQ(run_program(arguments).exit_code, 0);
    return json::parse(file_content(out + "/result.json"))["steady"]["tokens_per_second"];
}

// What an architect asks first, each answered by one command, and the answer beside that of runs of each chip.
TEST(WhatIf, AnswersHowMuchFasterHalfThePrecisionIsAndHowManyChannelsAreEnough) {
    const TemporaryFolder folder;
    const double base = steady_rate({}, folder.path("base"));
    const json precision = json::parse(run_program({"whatif", names, "--vary", "model.format=bf16", "--json"}).out);
    EXPECT_EQ(precision["variations"][1]["speedup"], steady_rate({"model.format=bf16"}, folder.path("bf16")) / base);

    const json channels =
        json::parse(run_program({"whatif", names, "--vary", "chip.dma.channels=1,2,3,4", "--json"}).out);
    std::size_t best = 1;
    for (std::size_t i = 1; i <= 4; ++i) {
        const std::string setting = "chip.dma.channels=" + std::to_string(i);
        const json& point = channels["variations"][i];
        EXPECT_EQ(point["speedup"], steady_rate({setting}, folder.path(setting)) / base) << setting;
        if (point["speedup"] > channels["variations"][best]["speedup"]) best = i;
    }
    EXPECT_THAT(channels["sentence"].get<std::string>(), HasSubstr("chip.dma.channels=" + std::to_string(best)));
}

TEST(WhatIf, RefusesWhatCannotBeVaried) {
    for (const char* vary : {"chip.dma.channels", "chip.dma.channels=", "chip.dma.chanels=1", "chip.dma.channels=x"}) {
        const ProgramRun run = run_program({"whatif", names, "--vary", vary});
        EXPECT_EQ(run.exit_code, 2) << vary;
        EXPECT_THAT(run.err, HasSubstr("chip.dma.chan")) << vary;
    }
    EXPECT_EQ(run_program({"whatif"}).exit_code, 2);
    EXPECT_EQ(run_program({"whatif", names, "--steps", "0"}).exit_code, 2);
}

TEST(Calibrate, RefusesWhatCannotBeFitted) {
    const std::string chip = "scenarios/chips/lean.toml", rows = "scenarios/validation/lean.csv";
    EXPECT_EQ(run_program({"calibrate", chip}).exit_code, 2);
    EXPECT_EQ(run_program({"calibrate", chip, "no.csv"}).exit_code, 2);
    EXPECT_EQ(run_program({"calibrate", chip, chip}).exit_code, 2) << "a chip is no table";
    EXPECT_EQ(run_program({"calibrate", chip, rows, "--hold-out", "1"}).exit_code, 2);
    EXPECT_EQ(run_program({"calibrate", chip, rows, "--evaluations", "0"}).exit_code, 2);
    const ProgramRun run = run_program({"calibrate", chip, rows, "--fit", "chip.dma.setup_cycle"});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr("nearest: 'chip.dma.setup_cycles'"));
}

} // namespace
} // namespace gradus::test::cli_whatif_test
