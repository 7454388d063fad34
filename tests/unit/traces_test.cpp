// SPDX-License-Identifier: Apache-2.0
// What a trace is made of, and the files beside trace.json: windows and filters, value change dumps, operators.csv.
#include "platform/observe/traces.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/support/vcd_reader.h"
#include "tests/unit/report_fixture.h"

namespace gradus::observe::traces_test {
namespace {

using namespace report_fixture;
using ip::Activity;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;

TraceSelection selected(TimeWindow window = {}, const std::optional<std::string>& filter = {}) {
    return {window, filter, units(), {"dram", "scratchpad"}, a_schedule().ops};
}

auto refuses(const char* why) {
    return Throws<std::invalid_argument>(Property(&std::invalid_argument::what, HasSubstr(why)));
}

TEST(TimeWindow, IsExactInAnyUnit) {
    const auto expect = [](const char* text, ip::Picoseconds begin, ip::Picoseconds end) {
        const TimeWindow window = parse_time_window(text);
        EXPECT_EQ(window.begin, begin) << text;
        EXPECT_EQ(window.end, end) << text;
    };
    const ip::Picoseconds open = TimeWindow{}.end;
    expect("1ms:2.5ms", 1'000'000'000, 2'500'000'000);
    expect("0ps:1ps", 0, 1);
    expect("0.1ns:1s", 100, 1'000'000'000'000);
    expect("300us:", 300'000'000, open);
    expect(":0.000001us", 0, 1);
    expect("1.2345670000us:2us", 1'234'567, 2'000'000);
    expect("1.000000000001s:", 1'000'000'000'001, open);
    expect("99999999999999999ps:", 99'999'999'999'999'999, open);
}

TEST(TimeWindow, WhatIsNoneIsRefusedWithTheReason) {
    for (const char* text : {"", ":", "1ms", "1ms:2ms:3ms", "1:2", "1ms:2", "ms:", ".5ms:", "5.ms:", "1.2.3ms:",
                             "-1ms:2ms", "1 ms:2ms", "1e3ns:2s", "1m:2m", "1ms:2MS", "\xff:1ms"})
        EXPECT_THROW(parse_time_window(text), std::invalid_argument) << text;
    EXPECT_THAT([] { parse_time_window("2ms:1ms"); }, refuses("must end after it begins"));
    EXPECT_THAT([] { parse_time_window("1ms:1ms"); }, refuses("must end after it begins"));
    EXPECT_THAT([] { parse_time_window("0.1ps:"); }, refuses("finer than a picosecond"));
    EXPECT_THAT([] { parse_time_window("1.0000001us:"); }, refuses("finer than a picosecond"));
    EXPECT_THAT([] { parse_time_window("99999999999999999999ps:"); }, refuses("too long"));
    EXPECT_THAT([] { parse_time_window("9999999999s:"); }, refuses("too long"));
}

TEST(TraceFilter, WhatIsNoExpressionIsRefused) {
    EXPECT_THAT([] { selected({}, "dma("); }, refuses("missing )"));
    EXPECT_THAT([] { selected({}, "(a)\\1"); }, refuses("invalid escape sequence"));
    EXPECT_THAT([] { selected({}, "((a{1000}){1000}){1000}"); }, refuses("repetition"));
    EXPECT_THAT([] { selected({}, ""); }, refuses("empty"));
}

TEST(TraceFilter, ACatastrophicExpressionIsNone) { EXPECT_FALSE(selected({}, "^(.+)+[0-9]$").nearest_miss()); }

TEST(TraceFilter, ThatFindsNothingSaysWhatIsNearest) {
    EXPECT_EQ(selected({}, "matrx").nearest_miss(), "matrix");
    EXPECT_EQ(selected({}, "layer0.mlp.upp").nearest_miss(), "layer0.mlp.up");
    EXPECT_EQ(selected({}, "dram").nearest_miss(), std::nullopt);
}

class TraceFiles : public testing::Test {
protected:
    ~TraceFiles() override { std::filesystem::remove(path_); }
    std::string text() const {
        std::ifstream file(path_);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static ip::CommandTimes end_of(std::uint32_t index, ip::Picoseconds time) {
        ip::CommandTimes times;
        times.index = index;
        times.end = time;
        return times;
    }

    const std::string path_ =
        (std::filesystem::temp_directory_path() / ("gradus_traces_" + std::to_string(::getpid()))).string();
};

using Vcd = TraceFiles;

TEST_F(Vcd, SignalsOfUnitsThatReportLateAreInOrderOfTime) {
    const TraceSelection all = selected();
    VcdWriter writer(files::WholeFile(path_), units(), all);
    writer.submitted(dma0, 2, 10);
    writer.submitted(matrix, 1, 20);
    writer.span(dma0, span(10, 30, Activity::stall_fetch, 3));
    writer.span(dma0, span(30, 50, Activity::busy, 3));
    writer.ended(dma0, {}, end_of(0, 50));
    writer.span(dma0, span(50, 70, Activity::busy, 4)); // no gap: it stays busy
    writer.ended(dma0, {}, end_of(1, 70));
    writer.span(matrix, span(20, 90, Activity::stall_fence));
    writer.ended(matrix, {}, end_of(0, 90));
    writer.step_done(0, {}, 95);
    writer.run_ended(100);
    EXPECT_EQ(writer.finish().error(), std::nullopt);
    const test::VcdFile file = test::read_vcd(path_);
    EXPECT_EQ(file.error, "");
    EXPECT_THAT(file.values("chip.dma0.depth"), ElementsAre("0:0", "10:10", "50:1", "70:0"));
    EXPECT_THAT(file.values("chip.dma0.fence"), ElementsAre("0:0", "50:1", "70:10"));
    EXPECT_THAT(file.values("chip.dma0.busy"), ElementsAre("0:0", "30:1", "70:0"));
    EXPECT_THAT(file.values("chip.dma0.stall_fetch"), ElementsAre("0:0", "10:1", "30:0"));
    EXPECT_THAT(file.values("chip.dma0.op"), ElementsAre("0:x", "10:11", "50:100", "70:x"));
    EXPECT_THAT(file.values("chip.matrix.stall_fence"), ElementsAre("0:0", "20:1", "90:0"));
    EXPECT_THAT(file.values("chip.steps_done"), ElementsAre("0:0", "95:1"));
    EXPECT_EQ(file.last_time, 100u);
}

TEST_F(Vcd, AWindowBeginsWithTheValuesOfItsBeginning) {
    const TraceSelection window = selected({40, 80});
    VcdWriter writer(files::WholeFile(path_), units(), window);
    writer.submitted(dma0, 2, 10);
    writer.span(dma0, span(10, 50));
    writer.ended(dma0, {}, end_of(0, 50));
    writer.span(dma0, span(60, 90));
    writer.run_ended(100);
    EXPECT_EQ(writer.changes(), 4u);
    writer.finish();
    const test::VcdFile file = test::read_vcd(path_);
    EXPECT_EQ(file.error, "");
    EXPECT_THAT(file.values("chip.dma0.depth"), ElementsAre("40:10", "50:1"));
    EXPECT_THAT(file.values("chip.dma0.busy"), ElementsAre("40:1", "50:0", "60:1"));
    EXPECT_EQ(file.last_time, 80u);
}

TEST_F(Vcd, AWindowBehindTheRunHasNoChanges) {
    const TraceSelection window = selected({1000, 2000});
    VcdWriter writer(files::WholeFile(path_), units(), window);
    writer.span(dma0, span(10, 50));
    writer.run_ended(100);
    writer.finish();
    EXPECT_EQ(writer.changes(), 0u);
    EXPECT_EQ(test::read_vcd(path_).error, "");
}

TEST_F(Vcd, AFilterLeavesOutQueuesAndSpans) {
    const TraceSelection filter = selected({}, "matrix|query");
    VcdWriter writer(files::WholeFile(path_), units(), filter);
    writer.span(dma0, span(10, 20, Activity::busy, 0)); // the query
    writer.span(dma0, span(20, 30, Activity::busy, 1));
    writer.span(matrix, span(10, 15, Activity::busy, 1));
    writer.run_ended(100);
    writer.finish();
    const test::VcdFile file = test::read_vcd(path_);
    EXPECT_EQ(file.error, "");
    EXPECT_THAT(file.values("chip.dma0.busy"), ElementsAre("0:0", "10:1", "20:0"));
    EXPECT_THAT(file.values("chip.matrix.busy"), ElementsAre("0:0", "10:1", "15:0"));
    EXPECT_THAT(file.values("chip.matrix.depth"), ElementsAre("0:0"));
    EXPECT_THAT(file.values("chip.dma0.depth"), ElementsAre()) << "declared only where the unit's name is found";
}

TEST_F(Vcd, ARandomRunIsWhatItsSpansSay) {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const TraceSelection all = selected();
        VcdWriter writer(files::WholeFile(path_), units(), all);
        for (const ip::UnitId queue : {dma0, dma1, matrix, vector})
            writer.submitted(queue, 1, 0); // and never done
        const Result result = a_random_result(seed, 30, &writer);
        EXPECT_EQ(writer.finish().error(), std::nullopt);
        EXPECT_EQ(writer.unknown(), 0u);
        const test::VcdFile file = test::read_vcd(path_);
        EXPECT_EQ(file.error, "");
        for (ip::UnitId unit = 0; unit < units().size(); ++unit)
            EXPECT_EQ(file.time_at("chip." + units()[unit].name + ".busy", "1"), result.unit_totals[unit].usage.busy());
    }
}

TEST_F(Vcd, WhoIsSilentForTooLongHasAnUnknownPast) {
    const TraceSelection all = selected();
    VcdWriter writer(files::WholeFile(path_), units(), all, 100);
    writer.submitted(matrix, 1, 5);
    writer.span(cpu, span(0, 2000));
    writer.submitted(dma0, 500, 5);
    for (std::uint32_t i = 0; i < 500; ++i) {
        writer.span(dma0, span(5 + 10 * i, 10 + 10 * i));
        writer.ended(dma0, {}, end_of(i, 10 + 10 * i));
    }
    writer.span(matrix, span(5, 5100, Activity::stall_fence));
    writer.run_ended(6000);
    writer.finish();
    EXPECT_GT(writer.unknown(), 0u);
    const test::VcdFile file = test::read_vcd(path_);
    EXPECT_EQ(file.error, "");
    EXPECT_EQ(file.time_at("chip.dma0.busy", "1"), 2500u) << "who reports in time loses nothing";
    EXPECT_GT(file.time_at("chip.matrix.stall_fence", "x"), 0u);
    EXPECT_EQ(file.time_at("chip.matrix.stall_fence", "x") + file.time_at("chip.matrix.stall_fence", "1"), 5095u);
}

using Csv = TraceFiles;

TEST_F(Csv, ARowForEachOperatorOfEachStep) {
    OperatorsCsv writer(files::WholeFile(path_), units(), a_schedule().ops);
    const auto run = [&](std::uint32_t step, std::uint32_t op, ip::Picoseconds begin) {
        ip::Span load = span(begin, begin + 10, Activity::busy, op, COMMAND_PHASE_FORWARD);
        load.tag.step = step;
        load.tag.layer = 0;
        writer.span(dma0, load);
        ip::Span wait = load;
        wait.begin = begin + 10;
        wait.end = begin + 15;
        wait.activity = Activity::stall_fence;
        writer.span(matrix, wait);
        ip::Span multiply = wait;
        multiply.begin = begin + 15;
        multiply.end = begin + 40;
        multiply.activity = Activity::busy;
        writer.span(matrix, multiply);
        ip::CommandWork work;
        work.macs = 4096;
        work.dram_read = 7;
        writer.retired(matrix, multiply.tag, work);
    };
    run(0, 1, 100);
    run(0, 0, 90);
    run(1, 0, 200); // ahead of the step's end
    writer.step_done(0, {}, 150);
    EXPECT_EQ(writer.rows(), 2u);
    writer.finish();
    std::istringstream lines(text());
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "step,phase,layer,op,name,kind,start_ps,end_ps,commands,macs,elements,dram_read_bytes,"
                    "dram_written_bytes,scratchpad_read_bytes,scratchpad_written_bytes,dma0_busy_ps,dma0_stalled_ps,"
                    "dma1_busy_ps,dma1_stalled_ps,matrix_busy_ps,matrix_stalled_ps,vector_busy_ps,vector_stalled_ps");
    std::getline(lines, line);
    EXPECT_EQ(line, "0,forward,0,0,layer0.attention.query,matmul,90,130,1,4096,0,7,0,0,0,10,0,0,0,25,5,0,0");
    std::getline(lines, line);
    EXPECT_EQ(line, "0,forward,0,1,layer0.mlp.up,matmul,100,140,1,4096,0,7,0,0,0,10,0,0,0,25,5,0,0");
    std::getline(lines, line);
    EXPECT_THAT(line, testing::StartsWith("1,forward,0,0,"));
    EXPECT_FALSE(std::getline(lines, line));
}

TEST_F(Csv, WorkOfNoOperatorHasEmptyFieldsAndNamesAreQuotedWhenTheyMust) {
    std::vector<schedule::Op> ops(1);
    ops[0].name = "a,\"b\"\n";
    {
        OperatorsCsv writer(files::WholeFile(path_), units(), ops);
        writer.span(dma0, span(0, 5, Activity::busy, 0));
        writer.span(dma0, span(5, 6));
        writer.span(dma0, span(6, 7, Activity::stall_fetch, 77)); // waits, and then nothing
        writer.span(cpu, span(0, 7));
    }
    EXPECT_THAT(text(), AllOf(HasSubstr("\n0,other,,0,\"a,\"\"b\"\"\n\",,0,5,0,"), HasSubstr("\n0,other,,,,,5,6,0,")));
    EXPECT_THAT(text(), testing::Not(HasSubstr("77")));
    EXPECT_EQ(csv_field("plain text"), "plain text");
    EXPECT_EQ(csv_field("line\rbreak"), "\"line\rbreak\"");
}

TEST(Traces, ThatShowNothingSaySo) {
    const std::string folder =
        (std::filesystem::temp_directory_path() / "gradus_traces_").string() + std::to_string(::getpid());
    std::filesystem::create_directory(folder);
    const auto messages = [&](const TraceSelection& selection) {
        Traces traces({true, true, false}, selection,
                      [&](const char* name) { return files::WholeFile(folder + "/" + name); }, units(),
                      a_schedule().ops, {});
        traces.span(dma0, span(10, 20));
        traces.span(matrix, span(100, 200));
        traces.run_ended(300);
        const Traces::Report report = traces.finish();
        EXPECT_EQ(report.files.size(), 2u) << "the save file goes with the dump";
        return report.messages;
    };
    EXPECT_THAT(messages(selected()), ElementsAre());
    EXPECT_THAT(messages(selected({300, 400})),
                ElementsAre(HasSubstr("begins at 300 ps, and the run ended at 300 ps")));
    EXPECT_THAT(messages(selected({30, 40})), ElementsAre(HasSubstr("no unit did anything")));
    EXPECT_THAT(messages(selected({}, "vector")), ElementsAre(HasSubstr("'vector'")));
    EXPECT_THAT(messages(selected({}, "dram")), ElementsAre()) << "a curve is something";
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace gradus::observe::traces_test
