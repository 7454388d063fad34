// SPDX-License-Identifier: Apache-2.0
// gradus validate from the outside. That it passes and that doc/validation.md is what it says is a check of its own
// (tests/checks/validation_document); here it is held against references that are wrong or missing.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"

namespace gradus::test::validate_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// A copy of scenarios/ with every table of references cut to its first rows, so that a run is short.
class Scenarios {
public:
    Scenarios() {
        fs::copy("scenarios", folder_.path("scenarios"), fs::copy_options::recursive);
        for (const char* table : {"systolic", "rtl", "dram", "losses", "lean"})
            write(table, first_rows(table));
    }

    std::string path() const { return folder_.path("scenarios"); }
    std::string file(const std::string& table) const { return path() + "/validation/" + table + ".csv"; }
    void write(const std::string& table, const std::string& content) const {
        std::ofstream(file(table), std::ios::binary) << content;
    }
    void replace(const std::string& table, const std::string& old_text, const std::string& new_text) const {
        std::string content = file_content(file(table));
        const std::size_t at = content.find(old_text);
        ASSERT_NE(at, std::string::npos) << table << ": " << old_text;
        write(table, content.replace(at, old_text.size(), new_text));
    }

private:
    std::string first_rows(const char* table) const {
        std::ifstream stream(file(table));
        std::string content;
        int rows = -1; // the first is the heading
        for (std::string line; rows < 3 && std::getline(stream, line);) {
            content += line + "\n";
            if (line[0] != '#') ++rows;
        }
        return content;
    }

    TemporaryFolder folder_;
};

ProgramRun validate(const Scenarios& scenarios, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"validate", "--scenarios", scenarios.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
}

TEST(Validate, PassesAndTellsSoInEveryForm) {
    const Scenarios scenarios;
    const ProgramRun text = validate(scenarios);
    EXPECT_EQ(text.exit_code, 0) << text.err;
    EXPECT_THAT(text.out, AllOf(HasSubstr("SCALE-Sim"), HasSubstr("Ramulator"), HasSubstr("PyTorch"), HasSubstr("FPGA"),
                                HasSubstr(" 0 failed")));
    const ProgramRun json = validate(scenarios, {"--json"});
    EXPECT_EQ(json.exit_code, 0) << json.err;
    const nlohmann::json parsed = nlohmann::json::parse(json.out);
    EXPECT_EQ(parsed.at("schema"), "gradus.validation/1");
    EXPECT_EQ(parsed.at("failed"), 0);
    EXPECT_EQ(parsed.at("reported"), 0);
    EXPECT_GE(parsed.at("passed"), 12);
    EXPECT_EQ(validate(scenarios, {"--markdown"}).out.substr(0, 13), "# Validation\n");
}

TEST(Validate, AModelOutOfItsToleranceIsAFailure) {
    const Scenarios scenarios;
    scenarios.replace("systolic", ",352,0\n", ",353,0\n");
    const ProgramRun run = validate(scenarios);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.out, AllOf(HasSubstr("FAILED"), HasSubstr(" 1 failed")));
}

TEST(Validate, ReferencesThatAreMissingOrBrokenAreNamed) {
    const Scenarios scenarios;
    scenarios.replace("dram", "seq_rd", "sequence");
    ProgramRun run = validate(scenarios);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr("there is no stream 'sequence'"));
    fs::remove(scenarios.file("systolic"));
    run = validate(scenarios);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, AllOf(HasSubstr("there is no file"), HasSubstr("systolic.csv'")));
}

} // namespace
} // namespace gradus::test::validate_test
