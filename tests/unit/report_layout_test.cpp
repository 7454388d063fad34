// SPDX-License-Identifier: Apache-2.0
// What a stream can show, and text and tables that fit it.
#include "platform/report/layout.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <gmock/gmock.h>
#include <pty.h>
#include <unistd.h>

#include "platform/report/human.h"
#include "platform/report/schedule.h"
#include "tests/support/random_models.h"

namespace gradus::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t widest(const std::string& text) {
    std::size_t width = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        width = std::max(width, columns(line));
    return width;
}

TEST(Layout, ProseIsBrokenAtBlanks) {
    EXPECT_THAT(wrapped("a step takes long", 20), ElementsAre("a step takes long"));
    EXPECT_THAT(wrapped("a step takes long", 17), ElementsAre("a step takes long"));
    EXPECT_THAT(wrapped("a step takes long", 16), ElementsAre("a step takes", "long"));
    EXPECT_THAT(wrapped("a step takes long", 6), ElementsAre("a step", "takes", "long"));
    EXPECT_THAT(wrapped("unbreakable", 4), ElementsAre("unbr", "eaka", "ble"));
    EXPECT_THAT(wrapped("µs µs µs", 5), ElementsAre("µs µs", "µs"));
    EXPECT_THAT(wrapped("", 5), ElementsAre(""));
}

TEST(Layout, LinesThatFitStayAndOthersHang) {
    EXPECT_EQ(fitted("one\n  two\n\n", 10), "one\n  two\n\n");
    EXPECT_EQ(fitted("  first second third\n", 14), "  first second\n    third\n");
    EXPECT_LE(widest(fitted(std::string(30, ' ') + "deep " + std::string(100, 'x') + "\n", 20)), 20u);
}

TEST(Layout, ALineIsCutInOnePlaceAndItsColourEnds) {
    EXPECT_EQ(cut("12345", 5), "12345");
    EXPECT_EQ(cut("123456", 5), "1234…");
    EXPECT_EQ(cut("\x1b[1m123456\x1b[0m", 5), "\x1b[1m1234…\x1b[0m");
}

TEST(Layout, ATableIsAsWideAsUsualWhereThereIsRoom) {
    Table table({{"name", Table::Align::left}, {"time", Table::Align::right, 8}, {"why", Table::Align::prose}}, 1);
    table.row({"dma0", "1 s", "waits"});
    EXPECT_EQ(table.text(80), " name      time  why\n"
                              " dma0       1 s  waits\n");
}

TEST(Layout, ATableThatIsTooWideCutsThenTakesMoreLines) {
    Table table({{"name", Table::Align::left, 0, 6}, {"time", Table::Align::right, 8}, {"why", Table::Align::prose}});
    table.row({"a long name", "1.234 s", "it waits for the memory most of the time"});
    EXPECT_EQ(table.text(46), "name            time  why\n"
                              "a long name  1.234 s  it waits for the memory\n"
                              "                      most of the time\n")
        << "what is usual goes first";
    EXPECT_THAT(table.text(41), HasSubstr("a long  1.234 s  it waits for the memory\nname "))
        << "then names take lines";
    EXPECT_EQ(table.text(30), "name            time\n"
                              "    why\n"
                              "a long name  1.234 s\n"
                              "    it waits for the memory\n"
                              "    most of the time\n");
    for (std::size_t width = 20; width < 90; ++width)
        EXPECT_LE(widest(table.text(width)), width);
}

TEST(Layout, AScheduleFitsEveryScreenAndNamesAllOperators) {
    const schedule::Schedule schedule = schedule::build({}, {}, test::small_dram);
    for (const std::size_t width : {40U, 80U, 160U}) {
        const std::string text = describe(schedule, width);
        EXPECT_LE(widest(text), width) << text;
        for (const char* part : {"4,192 parameters", "4 x 16x16x4", "backward", "update", "moments", "1,513 documents"})
            EXPECT_THAT(text, HasSubstr(part));
    }
    EXPECT_THAT(describe(schedule, 80), HasSubstr("layer0.mlp.up.weight"));
    EXPECT_THAT(describe(schedule, 160), HasSubstr("   op  phase     layer  name   "));
}

// A terminal of 47 columns, and an environment that says nothing.
class TerminalTest : public testing::Test {
protected:
    void SetUp() override {
        winsize size{};
        size.ws_col = 47;
        size.ws_row = 20;
        ASSERT_EQ(::openpty(&master_, &slave_, nullptr, nullptr, &size), 0);
        out_ = ::fdopen(slave_, "w");
        for (const char* name : {"NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"})
            ::unsetenv(name);
        ::setenv("TERM", "xterm", 1);
    }
    void TearDown() override {
        std::fclose(out_);
        ::close(master_);
    }
    Terminal seen() { return terminal(out_); }

    int master_ = -1, slave_ = -1;
    std::FILE* out_ = nullptr;
};

TEST_F(TerminalTest, HasColoursAndItsOwnWidth) {
    EXPECT_TRUE(seen().colour);
    EXPECT_TRUE(seen().rewrites);
    EXPECT_EQ(seen().width, 47u);
    ::setenv("COLUMNS", "63", 1);
    EXPECT_EQ(seen().width, 63u);
    for (const char* nonsense : {"", "0", "wide", "-5", "60x"}) {
        ::setenv("COLUMNS", nonsense, 1);
        EXPECT_EQ(seen().width, 47u) << nonsense;
    }
    ::setenv("COLUMNS", "1", 1);
    EXPECT_EQ(seen().width, 20u);
}

TEST_F(TerminalTest, TheEnvironmentForbidsColours) {
    ::setenv("NO_COLOR", "", 1);
    EXPECT_TRUE(seen().colour) << "set, but empty";
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(seen().colour);
    EXPECT_TRUE(seen().rewrites) << "which takes no colour";
    ::setenv("CLICOLOR_FORCE", "1", 1);
    EXPECT_FALSE(seen().colour) << "no is stronger";
}

TEST_F(TerminalTest, ADumbOneNeitherColoursNorRewrites) {
    ::setenv("TERM", "dumb", 1);
    EXPECT_FALSE(seen().colour);
    EXPECT_FALSE(seen().rewrites);
    EXPECT_EQ(seen().width, 47u);
}

TEST_F(TerminalTest, AFileHasEightyColumnsAndColoursOnlyByForce) {
    std::FILE* file = std::tmpfile();
    ASSERT_NE(file, nullptr);
    ::setenv("COLUMNS", "63", 1);
    EXPECT_FALSE(terminal(file).colour);
    EXPECT_FALSE(terminal(file).rewrites);
    EXPECT_EQ(terminal(file).width, 80u);
    ::setenv("CLICOLOR_FORCE", "0", 1);
    EXPECT_FALSE(terminal(file).colour);
    ::setenv("CLICOLOR_FORCE", "1", 1);
    EXPECT_TRUE(terminal(file).colour);
    EXPECT_FALSE(terminal(file).rewrites);
    std::fclose(file);
}

} // namespace
} // namespace gradus::report
