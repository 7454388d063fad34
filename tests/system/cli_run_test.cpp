// SPDX-License-Identifier: Apache-2.0
// gradus run from the outside: what it prints, and which files it leaves.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform/text/unicode.h"
#include "tests/support/program.h"

namespace gradus::test::cli_run_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Two steps of the shipped example.
std::vector<std::string> short_run(const TemporaryFolder& folder, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"run",     fs::absolute("scenarios/runs/names.toml").string(),
                                       "--steps", "2",
                                       "--set",   "run.generate=0",
                                       "--out",   folder.path("out")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

TEST(CliRun, PrintsTheSummaryAndLeavesItsFiles) {
    const TemporaryFolder folder;
    const ProgramRun run = run_program(short_run(folder));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("loss"));
    for (const char* file : {"uart.log", "result.json", "summary.txt", "trace.json"})
        EXPECT_TRUE(fs::exists(folder.path(std::string("out/") + file))) << file;
    const std::string uart = file_content(folder.path("out/uart.log"));
    EXPECT_EQ(run.out.substr(0, uart.size()), uart); // what the firmware prints comes first
}

TEST(CliRun, JsonOnStdoutIsTheResultFile) {
    const TemporaryFolder folder;
    const ProgramRun run = run_program(short_run(folder, {"--json"}));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.out, file_content(folder.path("out/result.json")));
    EXPECT_TRUE(nlohmann::json::parse(run.out).is_object());
}

TEST(CliRun, QuietMeansSilent) {
    const TemporaryFolder folder;
    const ProgramRun run = run_program(short_run(folder, {"--quiet"}));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_THAT(run.err, IsEmpty());
    EXPECT_TRUE(fs::exists(folder.path("out/result.json")));
}

TEST(CliRun, WithoutATraceNoneOfAnEarlierRunIsLeft) {
    const TemporaryFolder folder;
    fs::create_directories(folder.path("out"));
    std::ofstream(folder.path("out/trace.json")) << "of an earlier run";
    EXPECT_EQ(run_program(short_run(folder, {"--trace", "off", "--quiet"})).exit_code, 0);
    EXPECT_FALSE(fs::exists(folder.path("out/trace.json")));
}

TEST(CliRun, TheTraceIsJsonThatAViewerCanOpen) {
    const TemporaryFolder folder;
    EXPECT_EQ(run_program(short_run(folder, {"--trace", "on", "--quiet"})).exit_code, 0);
    EXPECT_FALSE(nlohmann::json::parse(file_content(folder.path("out/trace.json"))).empty());
}

// Tokens hang on numbers: what is left is what takes the same time with and without them.
TEST(CliRun, WithoutNumbersTextsAreLeftOutAndTheRunSaysSo) {
    const TemporaryFolder folder;
    const auto json = [&](const std::vector<std::string>& more) {
        return nlohmann::json::parse(run_program(short_run(folder, more)).out);
    };
    const nlohmann::json none = json({"--json", "--data", "none", "--set", "run.generate=3"});
    const nlohmann::json trained = json({"--json"});
    EXPECT_EQ(none.at("totals").at("time_ps"), trained.at("totals").at("time_ps"));
    EXPECT_EQ(none.at("texts"), nlohmann::json::array());
    EXPECT_EQ(none.at("texts_left_out"), 3);
    EXPECT_EQ(none.at("scenario").at("run").at("generate"), 3) << "what was asked for";
    EXPECT_EQ(trained.at("texts_left_out"), 0);
    EXPECT_THAT(file_content(folder.path("out/summary.txt")), Not(HasSubstr("left out: no numbers")));
    const ProgramRun run = run_program(short_run(folder, {"--data", "none", "--set", "run.generate=3"}));
    EXPECT_THAT(run.out, HasSubstr("3 texts left out"));
    EXPECT_EQ(json({"--json", "--set", "run.generate=3"}).at("texts").size(), 3U);
}

// Four lines of eight characters, of six different ones: windows leave nothing out, and what is generated is made of
// them.
TEST(CliRun, TrainsOnWindowsOfUnicodeTextAndTellsWhatItWas) {
    const TemporaryFolder folder;
    std::ofstream(folder.path("text.txt")) << "\xEF\xBB\xBFgr\u00fc\u00dfe \u00fcg\r\ngr\u00fc\u00dfe \u00fcg\r\n"
                                              "gr\u00fc\u00dfe \u00fcg\r\ngr\u00fc\u00dfe \u00fcg\r\n";
    const ProgramRun run = run_program(
        short_run(folder, {"--set", "run.text=" + folder.path("text.txt"), "--set", "run.documents=windows", "--set",
                           "run.alphabet=", "--set", "run.generate=1", "--set", "run.temperature=100", "--quiet"}));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const nlohmann::json result = nlohmann::json::parse(file_content(folder.path("out/result.json")));
    EXPECT_EQ(result.at("text"), (nlohmann::json{{"unit", "characters"},
                                                 {"length", 32},
                                                 {"documents", 0},
                                                 {"lines_left_out", 0},
                                                 {"left_out", 0},
                                                 {"documents_cut", 0},
                                                 {"documents_held_back", 0},
                                                 {"held_back", 0},
                                                 {"cut", 0}}));
    EXPECT_THAT(file_content(folder.path("out/summary.txt")), HasSubstr("text     32 characters\n"));
    for (std::string_view text = result.at("texts").at(0).get_ref<const std::string&>(); !text.empty();) {
        const text::Character character = text::first_character(text);
        EXPECT_TRUE(character.valid &&
                    std::u32string_view(U"gr\u00fc\u00dfe ").find(character.code) != std::u32string::npos);
        text.remove_prefix(character.bytes);
    }
}

TEST(CliRun, WorksFromAnyFolderAndWritesBelowIt) {
    const TemporaryFolder folder;
    const ProgramRun run = run_program({"run", fs::absolute("scenarios/runs/names.toml").string(), "--steps", "1",
                                        "--data", "none", "--set", "run.generate=0", "--quiet"},
                                       folder.path(""));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_TRUE(fs::exists(folder.path("out/names/result.json")));
}

TEST(CliRun, AFileThatCannotBeWrittenIsRefusedBeforeTheSimulation) {
    const TemporaryFolder folder;
    fs::create_directories(folder.path("out/result.json/deeper"));
    const ProgramRun run = run_program(short_run(folder));
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr("cannot write '" + folder.path("out/result.json") + "'"));
    EXPECT_THAT(run.out, IsEmpty());
}

} // namespace
} // namespace gradus::test::cli_run_test
