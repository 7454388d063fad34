// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "platform/scenario/read_file.h"
#include "platform/validate/measured_row.h"
#include "platform/validate/reference.h"
#include "platform/validate/report.h"
#include "tests/support/program.h"

namespace gradus::validate::validate_tables_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::Property;
using testing::Throws;

std::string written(const test::TemporaryFolder& folder, const std::string& content) {
    std::ofstream(folder.path("table.csv"), std::ios::binary) << content;
    return folder.path("table.csv");
}

TEST(ValidationTable, HoldsItsProvenanceAndItsCells) {
    const test::TemporaryFolder folder;
    const Table table(written(folder, "# name: A thing: measured\r\n# no key\nshape,cycles\n\n\"1,2\",3.5\nx,-4\r\n"));
    EXPECT_EQ(table.about("name"), "A thing: measured");
    EXPECT_EQ(table.about("source"), "");
    ASSERT_EQ(table.rows(), 2u);
    EXPECT_EQ(table.text(0, "shape"), "1,2");
    EXPECT_EQ(table.number(0, "cycles"), 3.5);
    EXPECT_EQ(table.number(1, "cycles"), -4);
}

TEST(ValidationTable, SaysWhereAFileIsNotWhatItShouldBe) {
    const test::TemporaryFolder folder;
    const auto message = [](const char* part) {
        return Throws<TableError>(Property(&TableError::what, HasSubstr(part)));
    };
    EXPECT_THAT([&] { Table(folder.path("none.csv")); },
                Throws<scenario::FileError>(Property(&scenario::FileError::what, HasSubstr("none.csv"))));
    EXPECT_THAT([&] { Table(written(folder, "# name: nothing else\n")); }, message("is empty"));
    EXPECT_THAT([&] { Table(written(folder, "a,b\n1,2\n1\n")); }, message("table.csv:3: 1 cells under 2 columns"));
    const Table table(written(folder, "a,b\n1,two\n"));
    EXPECT_THAT([&] { return table.number(0, "c"); }, message("no column 'c'"));
    EXPECT_THAT([&] { return table.number(0, "b"); }, message("under 'b': 'two' is no number"));
}

TEST(ValidationTable, FindsColumnsWhateverTheirCaseOrderAndSeparator) {
    for (const char* text :
         {"\xEF\xBB\xBF# name: N\r\nOperator,Clock MHz\r\ngemm,100\r\n",
          "# name: N;\nclock_mhz;OPERATOR;\n100;gemm;\n;;\n", "\"# name: N\"\noperator\tclock-mhz\ngemm\t1e2\n\n"}) {
        const Table table("t.csv", text);
        EXPECT_EQ(table.about("name"), "N") << text;
        ASSERT_EQ(table.rows(), 1u) << text;
        EXPECT_EQ(table.text(0, "operator"), "gemm") << text;
        EXPECT_EQ(table.number(0, "clock_mhz"), 100) << text;
    }
}

TEST(ValidationTable, WhatIsPrintedOfATableHasNoControlCharacters) {
    EXPECT_EQ(Table("t.csv", "# name: \x1b[31m\na\n1\n").about("name"), "?[31m");
    const auto message_of = [](const std::string& row) -> std::string {
        try {
            measured_rows(Table("t.csv", "operator,shape,cycles\n" + row + "\n"));
        } catch (const TableError& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_THAT(message_of("\x1bgemm,1x1x1,1"), HasSubstr("no operator '?gemm'"));
    EXPECT_THAT(message_of("gemm,1x\x1b,1"), HasSubstr("'1x?' is no shape"));
}

TEST(ValidationTable, EveryRefusalSaysFileLineAndWhatHelps) {
    const auto refusal = [](const std::string& text, auto use) -> std::string {
        try {
            use(Table("t.csv", text));
        } catch (const TableError& error) {
            return error.what();
        }
        return "";
    };
    const auto nothing = [](const Table&) {};
    const auto number = [](const Table& table) { return table.positive(0, "b"); };
    EXPECT_EQ(refusal(std::string("\xFF\xFE"
                                  "a\0",
                                  4),
                      nothing),
              "t.csv: is in UTF-16; save it as UTF-8");
    EXPECT_EQ(refusal("", nothing), "the table 't.csv' is empty");
    EXPECT_EQ(refusal("a,b,A\n", nothing), "t.csv:1: the column 'A' comes twice");
    EXPECT_EQ(refusal("# x\na,b\n1,2,3\n", nothing),
              "t.csv:3: 3 cells under 2 columns; a cell with a ',' in it stands in double quotes");
    EXPECT_EQ(refusal("a\tb\n1\t2\t3\n", nothing),
              "t.csv:2: 3 cells under 2 columns; a cell with a tab in it stands in double quotes");
    EXPECT_EQ(refusal("a,b\n\"1,2\n", nothing), "t.csv:2: a double quote is not closed in its line");
    EXPECT_THAT(refusal("a;b\n1;1,5\n", number),
                AllOf(HasSubstr("t.csv:2: under 'b': '1,5' is no number"), HasSubstr("decimal point")));
    EXPECT_THAT(refusal("a,b\n1,\"1,234\"\n", number), HasSubstr("without separators of thousands"));
    EXPECT_THAT(refusal("a,b\n1,1e999\n", number), HasSubstr("too large"));
    EXPECT_THAT(refusal("a,b\n1,-4\n", number), HasSubstr("'-4' under 'b' is not above zero"));
    EXPECT_THAT(refusal("a,b\n1,\n", number), HasSubstr("t.csv:2: under 'b': there is no number"));
    EXPECT_THAT(refusal("a,c\n1,2\n", number),
                HasSubstr("t.csv:1: there is no column 'b': the first line names the columns, and these are a, c"));
}

TEST(ValidationCheck, FailsBeyondItsToleranceAndNeverWithoutOne) {
    EXPECT_NEAR((Check{"", 200, 203, 0.02}).error(), 0.015, 1e-12);
    EXPECT_FALSE((Check{"", 200, 203, 0.02}).failed());
    EXPECT_FALSE((Check{"", 200, 196, 0.02}).failed()) << "the tolerance itself is within";
    EXPECT_TRUE((Check{"", 200, 195.9, 0.02}).failed());
    EXPECT_TRUE((Check{"", 200, 201, 0.0}).failed());
    EXPECT_FALSE((Check{"", 200, 200, 0.0}).failed());
    EXPECT_FALSE((Check{"", 200, 900, std::nullopt}).failed());
    EXPECT_TRUE((Check{"", 200, std::numeric_limits<double>::quiet_NaN(), 0.5}).failed());
    EXPECT_TRUE((Check{"", 0, 1, 0.5}).failed()) << "nothing is within half of nothing";
}

std::vector<Reference> two_references() {
    return {{"Closed forms", "a book", "cycles", "", {{"4x4", 100, 100, 0.0}, {"8x8", 300, 330, 0.05}}},
            {"Hardware", "a board", "cycles", "not calibrated", {{"copy", 80, 60, std::nullopt}}}};
}

TEST(ValidationReport, CountsWhatPassedFailedAndWasReported) {
    const Counts counts = count(two_references());
    EXPECT_EQ(counts.passed, 1u);
    EXPECT_EQ(counts.failed, 1u);
    EXPECT_EQ(counts.reported, 1u);
    const auto json = as_json(two_references());
    EXPECT_EQ(json["failed"], 1);
    EXPECT_EQ(json["references"][0]["rows"][1]["verdict"], "failed");
    EXPECT_EQ(json["references"][1]["rows"][0]["verdict"], "reported");
    EXPECT_TRUE(json["references"][1]["rows"][0]["tolerance"].is_null());
}

TEST(ValidationReport, ShowsEveryRowWithItsError) {
    const std::string text = as_text(two_references());
    for (const char* part : {"Closed forms", "a book", "exact  pass", "+10.0 %", "FAILED", "-25.0 %", "reported",
                             "mean error 5.0 %, worst +10.0 %", "1 passed, 1 failed, 1 reported"})
        EXPECT_THAT(text, HasSubstr(part));
    const std::string page = as_markdown(two_references());
    EXPECT_THAT(page,
                AllOf(HasSubstr("# Validation\n"), HasSubstr("| Hardware | 1 | 25.0 % | -25.0 % |"),
                      HasSubstr("Note: not calibrated."), HasSubstr("| 8x8 | 300 | 330 | +10.0 % | 5 % | FAILED |")));
    EXPECT_THAT(page, Not(HasSubstr("Note: .")));
}

TEST(ValidationReferences, TheLossesAreThoseOfTheGoldenRun) {
    std::ifstream file("tests/reference/microgpt_golden.json");
    ASSERT_TRUE(file) << "run in the source folder";
    const auto golden = nlohmann::json::parse(file).at("losses").get<std::vector<double>>();
    const Table table("scenarios/validation/losses.csv");
    ASSERT_EQ(table.rows(), golden.size());
    for (std::size_t step = 0; step < golden.size(); ++step) {
        EXPECT_EQ(table.number(step, "step"), static_cast<double>(step));
        EXPECT_EQ(table.number(step, "loss"), golden[step]) << "step " << step;
    }
}

TEST(ValidationReferences, EveryTableSaysWhereItComesFrom) {
    for (const char* name : {"systolic", "rtl", "dram", "losses", "lean"}) {
        const Table table(std::string("scenarios/validation/") + name + ".csv");
        const Reference reference = described_by(table);
        EXPECT_FALSE(reference.name.empty()) << name;
        EXPECT_FALSE(reference.source.empty()) << name;
        EXPECT_FALSE(reference.compared.empty()) << name;
        EXPECT_GT(table.rows(), 0u) << name;
    }
}

} // namespace
} // namespace gradus::validate::validate_tables_test
