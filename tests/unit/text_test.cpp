// SPDX-License-Identifier: Apache-2.0
// Byte-order marks, ends of lines, numbers and tables in texts that people bring.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/text/encoding.h"
#include "platform/text/lines.h"
#include "platform/text/numbers.h"
#include "platform/text/plain.h"
#include "platform/text/table.h"
#include "platform/text/unicode.h"

namespace gradus::text::text_test {
namespace {

using namespace std::string_view_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Error, typename Call>
std::string message_of(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

// First and last code point of each length of UTF-8, and those beside the surrogates.
TEST(Unicode, CharactersComeBackFromTheirBytes) {
    for (const char32_t code : {0x0u, 0x7fu, 0x80u, 0x7ffu, 0x800u, 0xd7ffu, 0xe000u, 0xffffu, 0x10000u, 0x10ffffu}) {
        const std::string bytes = utf8(code);
        EXPECT_EQ(bytes.size(), code < 0x80 ? 1u : code < 0x800 ? 2u : code < 0x10000 ? 3u : 4u);
        const Character character = first_character(bytes + "x");
        EXPECT_TRUE(character.valid);
        EXPECT_EQ(character.code, code);
        EXPECT_EQ(character.bytes, bytes.size());
        EXPECT_EQ(bytes.size() > 1 && first_character(bytes.substr(0, bytes.size() - 1)).valid, false) << "it is cut";
    }
}

// Continuations alone, longer forms than need be, surrogates and what lies beyond U+10FFFF.
TEST(Unicode, WhatIsNoCharacterIsAByte) {
    for (const std::string_view bytes : {"\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xf0\x8f\xbf\xbf"sv,
                                         "\xed\xa0\x80"sv, "\xf4\x90\x80\x80"sv, "\xff"sv, "\xc3("sv}) {
        const Character character = first_character(bytes);
        EXPECT_FALSE(character.valid);
        EXPECT_EQ(character.bytes, 1u);
        EXPECT_EQ(character.code, static_cast<unsigned char>(bytes.front()));
    }
}

TEST(PlainText, HoldsNothingThatMovesACursor) {
    EXPECT_EQ(plain("a\x1b[31m\x7f\tb\r\nc", 80), "a?[31m??b??c");
    EXPECT_EQ(plain("\xc2\x85 \xc2\x9b"
                    "31m",
                    80),
              "? ?31m")
        << "U+0085 and U+009B, which some terminals obey";
    EXPECT_EQ(plain("\xc2\xa0\xc3\xa4", 80), "\xc2\xa0\xc3\xa4") << "U+00A0 is a blank";
}

TEST(PlainText, IsCutBetweenCharactersAndNeverWithin) {
    EXPECT_EQ(shown("\xc3\xa4\xc3\xa4\xc3\xa4", 2), "\xc3\xa4\xe2\x80\xa6");
    EXPECT_EQ(shown("\xc3", 2), "?") << "half a character";
}

TEST(Encoding, TheMarkOfUtf8IsNoPartOfTheText) {
    EXPECT_EQ(without_mark("\xEF\xBB\xBFname"), "name");
    EXPECT_EQ(without_mark("\xEF\xBB\xBF"), "");
    EXPECT_EQ(without_mark("name"), "name");
    EXPECT_EQ(without_mark(""), "");
    EXPECT_EQ(without_mark("\xEF\xBB"), "\xEF\xBB") << "no mark";
}

TEST(Encoding, OtherMarksAreRefusedByName) {
    const auto refusal = [](std::string_view text) { return message_of<EncodingError>([&] { without_mark(text); }); };
    EXPECT_EQ(refusal("\xFF\xFEn\0"sv), "is in UTF-16; save it as UTF-8");
    EXPECT_EQ(refusal("\xFE\xFF\0n"sv), "is in UTF-16; save it as UTF-8");
    EXPECT_EQ(refusal("\xFF\xFE\0\0n\0\0\0"sv), "is in UTF-32; save it as UTF-8");
    EXPECT_EQ(refusal("\0\0\xFE\xFF\0\0\0n"sv), "is in UTF-32; save it as UTF-8");
}

TEST(Lines, EndWithALineFeedACarriageReturnOrBoth) {
    std::vector<std::string> found;
    Lines lines("a\nb\r\n\rc\n\nd");
    while (lines.next())
        found.push_back(std::to_string(lines.number()) + std::string(lines.line()));
    EXPECT_THAT(found, ElementsAre("1a", "2b", "3", "4c", "5", "6d"));
    EXPECT_FALSE(Lines("").next());
}

TEST(Numbers, AreDecimalWithPointAndExponent) {
    EXPECT_EQ(number("80"), 80);
    EXPECT_EQ(number("+8.5e1"), 85);
    EXPECT_EQ(number("-.5"), -0.5);
    EXPECT_EQ(number("1E3"), 1000);
    EXPECT_EQ(count("64.0"), 64u);
    EXPECT_EQ(count("6.4e1"), 64u);
    EXPECT_EQ(count("4294967295"), 4294967295u);
}

TEST(Numbers, WhatCouldMeanTwoThingsIsRefusedWithTheWayToWriteIt) {
    const auto refusal = [](const char* word) { return message_of<NumberError>([&] { number(word); }); };
    for (const char* word : {"1,234", "12,5", "1 234", "1'234", "1_234", "1.234,5",
                             "1\xC2\xA0"
                             "234"})
        EXPECT_THAT(refusal(word), HasSubstr("is no number: write it with a decimal point and without separators"));
    for (const char* word : {"x", "80 cycles", "0x10", "nan", "inf", "-", "+-1", "1e", "--1", "1.2.3x"})
        EXPECT_THAT(refusal(word), HasSubstr(std::string("'") + word + "' is no number")) << word;
    EXPECT_EQ(refusal(""), "there is no number");
    EXPECT_THAT(refusal("1e999"), HasSubstr("too large or too small"));
    const auto miscount = [](const char* word) { return message_of<NumberError>([&] { count(word); }); };
    for (const char* word : {"0", "-4", "1.5", "4294967296", "1e30"})
        EXPECT_THAT(miscount(word), HasSubstr("is not a whole number from 1 to 4294967295")) << word;
}

TEST(TextTable, IsReadAsSpreadsheetsWriteIt) {
    const char* const comma = "# name: x\nop,Cycles\ncopy,80\n";
    const char* const padded = "\"# name: x\",\r\nop , \"Cycles\",,\r\n\r\n,,\r\n copy,\" 80\" ,,\r\n\r\n";
    const char* const semicolon = "#name: x;;\nop;Cycles;\ncopy;80;\n;;\n";
    const char* const tab = "# name: x\nop\tCycles\t\ncopy\t80\t#a remark, with a comma\n";
    const char* const named = "sep=;\n# name: x\nop;Cycles\ncopy;80\n";
    const char* const old_mac = "# name: x\rop,Cycles\rcopy,80";
    for (const char* text : {comma, padded, semicolon, tab, named, old_mac}) {
        const Table table = parse_table(text);
        EXPECT_THAT(table.comments, ElementsAre("name: x")) << text;
        EXPECT_THAT(table.columns.cells, ElementsAre("op", "Cycles")) << text;
        ASSERT_EQ(table.rows.size(), 1u) << text;
        EXPECT_THAT(table.rows[0].cells, ElementsAre("copy", "80")) << text;
    }
    EXPECT_EQ(parse_table(padded).rows[0].line, 5u);
}

TEST(TextTable, OnlyWhatStandsInNoCellIsTakenAsASeparator) {
    EXPECT_THAT(parse_table("sep=\t\na b\tc;d\n").columns.cells, ElementsAre("a b", "c;d"));
    EXPECT_THAT(parse_table("sep=|\na,b|c\n").columns.cells, ElementsAre("a,b", "c"));
    for (const char* line : {"sep=\x1b\na\n", "sep=1\na\n", "sep=\"\na\n"})
        EXPECT_THAT(message_of<TableError>([&] { parse_table(line); }), HasSubstr("1: sep= takes")) << line;
}

TEST(TextTable, KeepsEmptyCellsBelowAColumnAndMissingOnesMissing) {
    const Table table = parse_table("a,b,c\n1,,\n1\n1,2,3,4\n");
    EXPECT_THAT(table.rows[0].cells, ElementsAre("1", "", ""));
    EXPECT_THAT(table.rows[1].cells, ElementsAre("1"));
    EXPECT_THAT(table.rows[2].cells, ElementsAre("1", "2", "3", "4"));
}

TEST(TextTable, QuotesHoldSeparatorsAndQuotesAndAreClosedInTheirLine) {
    EXPECT_THAT(parse_table("a,b\n\"x, \"\"y\"\"\",#5\n").rows[0].cells, ElementsAre("x, \"y\""));
    EXPECT_THAT(parse_table("a;b\n5\" disk;1,5\n").rows[0].cells, ElementsAre("5\" disk", "1,5"));
    const auto refusal = [](const char* text) { return message_of<TableError>([&] { parse_table(text); }); };
    EXPECT_EQ(refusal("a,b\n\"x,1\ny\",2\n"), "2: a double quote is not closed in its line");
    EXPECT_EQ(refusal("a,b\n\"x\"y,1\n"), "2: there is text between a closing quote and the next cell");
}

TEST(TextTable, WithoutAnythingHasNoColumns) {
    for (const char* text : {"", "\n\n", "# only a comment\n", ",,,\n", "\r\n"})
        EXPECT_THAT(parse_table(text).columns.cells, ElementsAre()) << text;
}

TEST(TextTable, NamesOfColumnsAreComparedWithoutCaseAndGaps) {
    EXPECT_EQ(column_key(" IFMAP  Height "), "ifmap_height");
    EXPECT_EQ(column_key("clock-MHz"), "clock_mhz");
}

TEST(TextTable, NeverCrashesOnNoise) {
    constexpr unsigned seed = 11;
    std::mt19937 random(seed);
    constexpr std::string_view letters = "ab,;\t\"#\n\r 1=sep\xEF\xBB";
    for (unsigned i = 0; i < 5000; ++i) {
        std::string text;
        for (unsigned k = random() % 60; k > 0; --k)
            text += letters[random() % letters.size()];
        try {
            parse_table(text);
        } catch (const TableError& error) {
            EXPECT_THAT(error.what(), testing::MatchesRegex("[0-9]+: .*")) << "seed " << seed;
        }
    }
}

} // namespace
} // namespace gradus::text::text_test
