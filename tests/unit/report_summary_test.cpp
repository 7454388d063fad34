// SPDX-License-Identifier: Apache-2.0
#include "platform/report/summary.h"

#include <cmath>
#include <sstream>

#include <gmock/gmock.h>

#include "platform/report/human.h"
#include "tests/unit/report_fixture.h"

namespace gradus::report::report_summary_test {
namespace {

using namespace report_fixture;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

void expect_a_screen(const std::string& text) {
    const std::vector<std::string> lines = lines_of(text);
    EXPECT_LE(lines.size(), 50u);
    for (const std::string& line : lines)
        EXPECT_LE(columns(line), 80u) << line;
}

TEST(Summary, FitsAScreenOf80ColumnsAnd50Lines) {
    const observe::Result result = a_random_result(1, 1000);
    const std::string text = summary(result, a_schedule(), false, {"out/result.json", "out/trace.json"});
    expect_a_screen(text);
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(Summary, ColourTakesNoColumns) {
    const observe::Result result = a_random_result(1, 100);
    const std::string colourful = summary(result, a_schedule(), true, {"out/result.json"});
    expect_a_screen(colourful);
    std::string stripped;
    for (std::size_t i = 0; i < colourful.size(); ++i) {
        if (colourful[i] == '\x1b')
            i = colourful.find('m', i);
        else
            stripped += colourful[i];
    }
    EXPECT_EQ(stripped, summary(result, a_schedule(), false, {"out/result.json"}));
}

TEST(Summary, SaysWhatAReaderLooksFor) {
    observe::Result result = a_random_result(1, 1000);
    const std::string text = summary(result, a_schedule(), false, {"out/result.json"});
    for (const char* expected : {"names", "tiny: 100 MHz", "4192 parameters", "3.3000 → 2.42", "mean of the last 50",
                                 "tokens/s", "forward", "backward", "update", "matmul", "dma0", "DRAM",
                                 "4000 instructions a step", "bound", "emma, olivia, kamon", "out/result.json"})
        EXPECT_THAT(text, HasSubstr(expected));
    EXPECT_THAT(text, Not(HasSubstr("exit code")));
}

TEST(Summary, TheLineOfTheDramHasRoomForItsRowHits) {
    observe::Result result = a_random_result(1, 10);
    result.memories[0].peak_bytes_per_second = 123.4e9;
    result.memories[0].rows.emplace();
    observe::Counts& step = result.over_time.last_step;
    step[observe::Counter::dram_read_bytes] = 6'000'000; // in some 50 us: nearly the peak
    step[observe::Counter::dram_row_hits] = 867;
    step[observe::Counter::dram_row_misses] = 100;
    step[observe::Counter::dram_row_conflicts] = 33;
    const std::string text = summary(result, a_schedule(), false);
    expect_a_screen(text);
    EXPECT_THAT(text, HasSubstr("86.7 %"));
    EXPECT_THAT(text, Not(HasSubstr("…")));
}

TEST(Summary, SaysWhatARunCosts) {
    observe::Result result = a_random_result(1, 10);
    result.over_time.total[observe::Counter::macs_fp32] = 1'000'000'000'000;
    result.over_time.training = result.over_time.total;
    const std::string text = summary(result, a_schedule(), false);
    for (const char* expected : {"energy", " a token", " a step: ", "power", ", peak ", " GOPS/W", "area", "mm²",
                                 "45 nm, ", " tokens/s/mm²", " of the array's"})
        EXPECT_THAT(text, HasSubstr(expected));
    result.scenario.chip.technology.fpga.enabled = true;
    EXPECT_THAT(summary(result, a_schedule(), false), HasSubstr("block RAMs"));
}

/// Ten steps, and then a generation that takes nine times as long as all of them.
observe::Result with_generation(observe::Result result) {
    const ip::Picoseconds training = result.time;
    result.time *= 10;
    for (observe::UnitTotals& unit : result.unit_totals)
        unit.usage.by_activity[0] += 9 * training;
    observe::OpTotals sampling;
    sampling.phase = COMMAND_PHASE_GENERATE;
    sampling.op = COMMAND_NO_OP;
    sampling.time = 9 * training;
    sampling.during.resize(result.units.size());
    result.ops.push_back(sampling);
    return result;
}

TEST(Summary, WhatComesAfterTrainingChangesNothingThatIsSaidOfAStep) {
    const std::string text = summary(a_random_result(1, 10), a_schedule(), false);
    const std::string longer = summary(with_generation(a_random_result(1, 10)), a_schedule(), false);
    EXPECT_THAT(longer, HasSubstr(", generation "));
    // From the units on, but for the power at its peak, every line is of the step.
    const auto of_step = [](const std::string& all) { return all.substr(all.find(" units in a step")); };
    EXPECT_EQ(of_step(longer), of_step(text));
    EXPECT_THAT(of_step(text), Not(HasSubstr("generate")));
}

TEST(Summary, WithoutAStepItSpeaksOfTheRun) {
    const std::string text = summary(an_idle_result(), a_schedule(), false);
    for (const char* expected : {"units in the run", "the run by phase", "lower bounds of the run"})
        EXPECT_THAT(text, HasSubstr(expected));
}

TEST(Summary, WithoutNumbersThereIsNoLoss) {
    observe::Result result = a_random_result(1, 10);
    result.scenario.run.data = scenario::DataPlane::none;
    const std::string text = summary(result, a_schedule(), false);
    EXPECT_THAT(text, Not(HasSubstr("loss")));
    EXPECT_THAT(text, HasSubstr("timing only"));
}

TEST(Summary, HostileNamesNeitherBreakTheScreenNorReachTheTerminal) {
    observe::Result result = a_random_result(1, 10);
    const std::string hostile = std::string("\x1b[2J\r\n\xff\xc2\x9b") + std::string(500, 'x') + "\xf0\x9f";
    result.scenario.name = result.scenario.chip.name = result.scenario.model.name = hostile;
    for (observe::UnitInfo& unit : result.units)
        unit.name = hostile;
    result.texts = {hostile, hostile, hostile, hostile, hostile, hostile};
    schedule::Schedule schedule = a_schedule();
    for (schedule::Op& op : schedule.ops)
        op.name = op.kind = hostile;
    const std::string text = summary(result, schedule, false, {"out/\x1b[2J.json"});
    expect_a_screen(text);
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_THAT(text, Not(HasSubstr("\xff")));
}

std::vector<std::string> lines_with(const std::string& text, const std::string& part) {
    std::vector<std::string> found;
    for (const std::string& line : lines_of(text))
        if (line.find(part) != std::string::npos) found.push_back(line);
    return found;
}

TEST(Summary, ALossThatIsNotFiniteHasNoSignAndOneWarningWithItsStep) {
    observe::Result result = a_random_result(1, 100);
    EXPECT_THAT(summary(result, a_schedule(), false), Not(HasSubstr("warning")));
    result.steps = with_losses(result.steps, {{70, std::nanf("")}, {71, -std::nanf("")}});
    std::string text = summary(result, a_schedule(), false);
    expect_a_screen(text);
    EXPECT_THAT(text, HasSubstr("→ nan"));
    EXPECT_THAT(text, Not(HasSubstr("-nan")));
    EXPECT_THAT(lines_with(text, "warning"),
                testing::ElementsAre(HasSubstr("the loss is nan at step " + std::to_string(result.steps[70].step))));
    result.steps = with_losses(result.steps, {{40, -INFINITY}});
    EXPECT_THAT(summary(result, a_schedule(), false),
                HasSubstr("the loss is -inf at step " + std::to_string(result.steps[40].step)));
    result.scenario.run.data = scenario::DataPlane::none;
    EXPECT_THAT(summary(result, a_schedule(), false), Not(HasSubstr("warning")));
}

TEST(Summary, EveryFiniteLossKeepsItsDistanceFromTheNextColumn) {
    for (const float loss : {0.0f, 999.99999f, 1000.0f, 1e20f, 3.4e38f, -3.4e38f}) {
        observe::Result result = a_random_result(1, 10);
        for (std::size_t step = 0; step < 10; ++step)
            result.steps = with_losses(result.steps, {{step, loss}});
        const std::string text = summary(result, a_schedule(), false);
        expect_a_screen(text);
        EXPECT_THAT(lines_with(text, "loss"), testing::Contains(HasSubstr("  first step, mean of all 10"))) << text;
    }
}

TEST(Summary, FitsNarrowTerminalsWithoutLosingWords) {
    const observe::Result result = a_random_result(1, 1000);
    for (const std::size_t width : {20U, 40U, 60U, 79U}) {
        const std::string text = summary(result, a_schedule(), true, {"a.json"}, width);
        for (const std::string& line : lines_of(text))
            EXPECT_LE(columns(line), width) << line;
    }
    const std::string text = summary(result, a_schedule(), false, {"result.json"}, 40);
    for (const char* expected :
         {"4192", "parameters", "3.3000 → 2.42", "forward", "matmul", "dma0", "lower bounds", "bound", "kamon"})
        EXPECT_THAT(text, HasSubstr(expected));
    EXPECT_THAT(text, Not(HasSubstr("…")));
    EXPECT_EQ(summary(result, a_schedule(), false, {}, 200), summary(result, a_schedule(), false));
}

TEST(HumanUnits, ALossOfAnySizeTakesTenColumnsAtMost) {
    EXPECT_EQ(human_loss(2.40123), "2.4012");
    EXPECT_EQ(human_loss(2.40123, 3), "2.401");
    EXPECT_EQ(human_loss(-3.4e38), "-3.400e+38");
    EXPECT_EQ(human_loss(1664851700394.9465), "1.665e+12");
    EXPECT_EQ(human_loss(-std::nan("")), "nan");
    EXPECT_EQ(human_loss(INFINITY), "inf");
    EXPECT_EQ(human_loss(-INFINITY), "-inf");
}

TEST(Summary, ManyChannelsShareOneRow) {
    observe::Result result = an_idle_result();
    for (int i = 0; i < 30; ++i) {
        result.units.insert(result.units.begin(), {"dma", observe::UnitKind::dma, 16});
        result.unit_totals.insert(result.unit_totals.begin(), observe::UnitTotals{});
    }
    set(result, 0, ip::Activity::busy, 0.64);
    const std::string text = summary(result, a_schedule(), false);
    expect_a_screen(text);
    EXPECT_THAT(text, HasSubstr("32 dma"));
    EXPECT_THAT(text, HasSubstr(" 2.0 %")) << "64 % of one of 32 channels";
    EXPECT_THAT(text, HasSubstr("matrix"));
}

TEST(Summary, ARunThatNeverBeganIsStillASummary) {
    const std::string text = summary(observe::Result{}, schedule::Schedule{}, false);
    expect_a_screen(text);
    EXPECT_THAT(text, HasSubstr("nothing ran"));
}

TEST(Summary, SaysWhenTheFirmwareFailed) {
    observe::Result result = an_idle_result();
    result.exit_code = 3;
    EXPECT_THAT(summary(result, a_schedule(), false), HasSubstr("exit code 3"));
}

TEST(HumanUnits, HaveFourDigitsAndTheUnitThatSuits) {
    EXPECT_EQ(human_time(0), "0 s");
    EXPECT_EQ(human_time(1), "1.000 ps");
    EXPECT_EQ(human_time(10'000), "10.00 ns");
    EXPECT_EQ(human_time(123'456'789), "123.5 µs");
    EXPECT_EQ(human_time(1'234'000'000), "1.234 ms");
    EXPECT_EQ(human_time(5'000'000'000'000'000), "5000.0 s");
    EXPECT_EQ(human_bytes(999), "999 B");
    EXPECT_EQ(human_bytes(8'400'000), "8.400 MB");
    EXPECT_EQ(human_capacity(64 << 10), "64 KiB");
    EXPECT_EQ(human_capacity((1 << 20) + (1 << 19)), "1.5 MiB");
    EXPECT_EQ(human_count(4192), "4192");
    EXPECT_EQ(human_count(12'900), "12.90 k");
    EXPECT_EQ(human_rate(3.2e9, "B"), "3.200 GB/s");
    EXPECT_EQ(human_rate(12'900, "tokens"), "12.90 k tokens/s");
    EXPECT_EQ(human_rate(12.9, "tokens"), "12.90 tokens/s");
    EXPECT_EQ(human_percent(0.8349), "83.5 %");
    EXPECT_EQ(human_energy(0.001234), "1.234 mJ");
    EXPECT_EQ(human_energy(0), "0 J");
    EXPECT_EQ(human_power(12.34), "12.34 W");
    EXPECT_EQ(human_power(0.0005), "500.0 µW");
    EXPECT_EQ(human_seconds(0.25), "250.0 ms");
    EXPECT_EQ(human_seconds(2.53), "2.5 s");
    EXPECT_EQ(human_seconds(65), "1 min 05 s");
    EXPECT_EQ(human_seconds(11520), "3 h 12 min");
}

TEST(HumanUnits, RoundingUpMovesOnToTheNextUnit) {
    EXPECT_EQ(human_time(999'940), "999.9 ns");
    EXPECT_EQ(human_time(999'960), "1.000 µs");
    EXPECT_EQ(human_time(9'999'900), "10.00 µs");
    EXPECT_EQ(human_count(999'990), "1.000 M");
}

TEST(HumanUnits, NonsenseIsADash) {
    EXPECT_EQ(human_rate(-1, "tokens"), "- tokens/s");
    EXPECT_EQ(human_percent(std::nan("")), "-");
    EXPECT_EQ(human_seconds(-1), "-");
    EXPECT_EQ(human_seconds(1e300), "-");
}

TEST(PlainText, IsCutAtColumnsNotInsideACharacter) {
    EXPECT_EQ(plain("emma", 4), "emma");
    EXPECT_EQ(plain("olivia", 4), "oli…");
    EXPECT_EQ(plain("ééééé", 3), "éé…");
    EXPECT_EQ(plain("a\nb\x7f", 9), "a?b?");
    EXPECT_EQ(plain("x", 0), "");
    EXPECT_EQ(columns("\x1b[1;31mfünf\x1b[0m"), 4u);
}

TEST(Bars, FillInEighths) {
    EXPECT_EQ(bar(0, 2), "  ");
    EXPECT_EQ(bar(1, 2), "██");
    EXPECT_EQ(bar(0.5, 2), "█ ");
    EXPECT_EQ(bar(0.75, 2), "█▌");
    EXPECT_EQ(bar(7, 2), "██");
    EXPECT_EQ(bar(std::nan(""), 2), "  ");
}

} // namespace
} // namespace gradus::report::report_summary_test
