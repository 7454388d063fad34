// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/perfetto_writer.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "platform/observe/names.h"
#include "tests/support/slice_check.h"
#include "tests/unit/report_fixture.h"

namespace gradus::observe::perfetto_writer_test {
namespace {

using namespace report_fixture;
using ip::Activity;
using nlohmann::json;
using testing::HasSubstr;

/// Everything, or what a window and a filter leave of it.
TraceSelection selected(TimeWindow window = {}, const std::optional<std::string>& filter = {}) {
    return {window, filter, units(), {"dram", "scratchpad"}, a_schedule().ops};
}
const TraceSelection all = selected();

class PerfettoWriterTest : public testing::Test {
protected:
    ~PerfettoWriterTest() override { std::filesystem::remove(path_); }
    json parse() const { return json::parse(std::ifstream(path_)); }
    json events(const char* kind) const {
        json found = json::array();
        const json trace = parse();
        for (const json& event : trace["traceEvents"])
            if (event["ph"] == kind) found.push_back(event);
        return found;
    }
    /// Of counters, as "time values".
    std::vector<std::string> values_of(const std::set<std::string>& names) const {
        std::vector<std::string> values;
        for (const json& event : events("C"))
            if (names.count(event["name"])) values.push_back(event["ts"].dump() + " " + event["args"].dump());
        return values;
    }

    const std::string path_ =
        (std::filesystem::temp_directory_path() / ("gradus_trace_" + std::to_string(::getpid()) + ".json")).string();
    const std::vector<std::string> names_ = {"embed", "layer0.mlp.up"};
};

TEST_F(PerfettoWriterTest, OneTrackAUnitInOrder) {
    PerfettoWriter(files::WholeFile(path_), units(), names_, {}, all).finish();
    std::vector<std::string> names;
    std::vector<int> tracks;
    for (const json& event : events("M"))
        if (event["name"] == "thread_name") {
            names.push_back(event["args"]["name"]);
            tracks.push_back(event["tid"]);
        }
    EXPECT_THAT(names, testing::ElementsAre("steps", "dma0", "dma1", "matrix", "vector", "cpu"));
    EXPECT_TRUE(std::is_sorted(tracks.begin(), tracks.end()));
}

TEST_F(PerfettoWriterTest, ASliceSaysWhoseTimeItIs) {
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, all);
    ip::Span event = span(1'234'567, 2'000'001, Activity::busy, 1, COMMAND_PHASE_BACKWARD);
    event.opcode = 1;
    event.tag.layer = 3;
    event.tag.step = 17;
    writer.span(matrix, event);
    writer.finish();
    const json begin = events("B")[0];
    EXPECT_EQ(begin["name"], "layer0.mlp.up");
    EXPECT_EQ(begin["cat"], "backward");
    EXPECT_EQ(begin["args"], json({{"step", 17}, {"layer", 3}, {"op", 1}, {"opcode", "multiply"}}));
    const std::string text((std::istreambuf_iterator<char>(*std::make_unique<std::ifstream>(path_))), {});
    EXPECT_THAT(text, HasSubstr("\"ts\":1.234567")) << "microseconds, exact to the picosecond";
    EXPECT_THAT(text, HasSubstr("\"ts\":2.000001"));
}

TEST_F(PerfettoWriterTest, ABusySliceSaysWhatItsCommandAmountedTo) {
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, all);
    std::map<ip::UnitId, ip::CommandWork> works;
    works[dma0].dram_read = 100;
    works[dma0].scratchpad_written = 50; // converted on the way
    works[matrix].macs = 4096;
    works[matrix].scratchpad_read = 100'000;
    works[vector].elements = 7;
    works[vector].scratchpad_read = 100'000;
    for (const auto& [unit, work] : works) {
        writer.retired(unit, {}, work);
        writer.span(unit, span(0, 10, Activity::busy, 1));
        writer.span(unit, span(10, 12, Activity::stall_memory, 1));
        writer.ended(unit, {}, {});
        writer.span(unit, span(20, 30, Activity::busy, 1)); // of a command that failed
    }
    writer.finish();
    std::vector<std::string> amounts;
    for (const json& event : events("B"))
        for (const char* key : {"bytes", "macs", "elements"})
            if (event["args"].contains(key)) amounts.push_back(key + (" " + event["args"][key].dump()));
    EXPECT_THAT(amounts, testing::ElementsAre("bytes 100", "macs 4096", "elements 7"));
}

TEST_F(PerfettoWriterTest, StallsAreNamedByWhatIsWaitedFor) {
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, all);
    ip::Picoseconds now = 0;
    const auto stall = [&](Activity activity, std::uint16_t detail) {
        ip::Span event = span(now, now + 1000, activity, 1);
        event.detail = detail;
        writer.span(matrix, event);
        now += 1000;
    };
    stall(Activity::stall_fence, dma0);
    stall(Activity::stall_fence, 30);
    stall(Activity::stall_fetch, 0);
    stall(Activity::stall_memory, 0);
    stall(Activity::stall_bus, 0);
    writer.finish();
    std::vector<std::string> names;
    for (const json& event : events("B"))
        names.push_back(event["name"]);
    EXPECT_THAT(names, testing::ElementsAre("waits for dma0", "waits for queue 30", "waits for a descriptor",
                                            "waits for memory", "waits for the bus"));
}

TEST_F(PerfettoWriterTest, TimeOfNoOperatorIsNamedByOpcodeOrFirmware) {
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, all);
    ip::Span event = span(0, 1000);
    event.opcode = 4;
    writer.span(dma0, event);
    writer.span(cpu, event);
    event = span(1000, 2000, Activity::busy, 99); // an op the schedule does not have
    writer.span(dma0, event);
    writer.finish();
    EXPECT_EQ(events("B")[0]["name"], "fill");
    EXPECT_EQ(events("B")[1]["name"], "firmware");
    EXPECT_EQ(events("B")[2]["name"], "op 99");
}

TEST_F(PerfettoWriterTest, SlicesOfATrackNeverOverlapAndEachBeginHasItsEnd) {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::uint64_t slices = 0;
        {
            PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, all);
            a_random_result(seed, 10, &writer);
            slices = writer.slices();
        }
        const test::SliceCheck check = test::check_slices(path_);
        EXPECT_EQ(check.error, "");
        EXPECT_EQ(check.slices, slices);
        EXPECT_GT(slices, 1500u);
    }
}

TEST_F(PerfettoWriterTest, AnOverlapWouldBeFound) {
    const auto error_of = [&](const char* events) {
        std::ofstream(path_) << R"({"traceEvents":[)" << events << "]}";
        return test::check_slices(path_).error;
    };
    const std::string begin = R"({"ph":"B","tid":1,"ts":1.0,"name":"a"})";
    const std::string end = R"({"ph":"E","tid":1,"ts":2.0})";
    const std::string inside = R"({"ph":"B","tid":1,"ts":1.5,"name":"b"})";
    const std::string later = R"({"ph":"E","tid":1,"ts":3.0})";
    EXPECT_EQ(error_of((begin + "," + end).c_str()), "");
    EXPECT_THAT(error_of((begin + "," + inside + "," + end + "," + later).c_str()), HasSubstr("inside"));
    EXPECT_THAT(error_of((begin + "," + end + "," + inside + "," + later).c_str()), HasSubstr("backwards"));
    EXPECT_THAT(error_of((begin + "," + end + "," + later).c_str()), HasSubstr("without"));
    EXPECT_THAT(error_of(begin.c_str()), HasSubstr("never ends"));
}

TEST_F(PerfettoWriterTest, AWindowKeepsWhatReachesIntoItWhole) {
    const TraceSelection window = selected({100, 200});
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, window);
    for (const ip::Picoseconds begin : {0u, 50u, 90u, 150u, 190u, 200u, 300u})
        writer.span(dma0, span(begin, begin + 10 + (begin == 90)));
    writer.step_done(0, {}, 100);
    writer.step_done(1, {}, 150);
    writer.run_ended(310);
    EXPECT_TRUE(writer.finish().error() == std::nullopt);
    std::vector<double> begins;
    for (const json& event : events("B"))
        begins.push_back(event["ts"]);
    EXPECT_THAT(begins, testing::ElementsAre(90e-6, 150e-6, 190e-6, 100e-6));
}

TEST_F(PerfettoWriterTest, AFilterFindsUnitsPhasesLayersAndOperators) {
    const auto slices = [&](const char* expression) {
        const TraceSelection filter = selected({}, expression);
        PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, filter);
        writer.span(dma0, span(0, 1, Activity::busy, 0, COMMAND_PHASE_FORWARD));
        writer.span(dma0, span(1, 2, Activity::busy, 2, COMMAND_PHASE_BACKWARD));
        ip::Span in_layer = span(2, 3, Activity::stall_memory, COMMAND_NO_OP, COMMAND_PHASE_UPDATE);
        in_layer.tag.layer = 0;
        writer.span(dma0, in_layer);
        writer.span(cpu, span(0, 1));
        return writer.slices();
    };
    EXPECT_EQ(slices("."), 4u);
    EXPECT_EQ(slices("^cpu$"), 1u);
    EXPECT_EQ(slices("dma"), 3u);
    EXPECT_EQ(slices("query|scores"), 2u);
    EXPECT_EQ(slices("^(backward|update)$"), 2u);
    EXPECT_EQ(slices("^layer0$"), 1u);
    EXPECT_EQ(slices("dram"), 0u);
}

TEST_F(PerfettoWriterTest, AQueueIsACounterOfItsCommands) {
    const TraceSelection window = selected({20, 50}, "dma0|op");
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, window);
    const auto ended = [&](ip::UnitId unit, std::uint32_t index, ip::Picoseconds time) {
        ip::CommandTimes times;
        times.index = index;
        times.end = time;
        writer.ended(unit, {}, times);
    };
    writer.submitted(dma0, 3, 10);
    writer.submitted(matrix, 3, 25); // not asked for
    ended(dma0, 0, 30);
    writer.submitted(dma0, 4, 40);
    ended(dma0, 1, 60);
    writer.run_ended(100);
    writer.finish();
    std::vector<std::pair<double, int>> depths;
    for (const json& event : events("C")) {
        EXPECT_EQ(event["name"], "dma0 queue");
        depths.emplace_back(event["ts"], event["args"]["commands"]);
    }
    using testing::Pair;
    EXPECT_THAT(depths, testing::ElementsAre(Pair(20e-6, 3), Pair(30e-6, 2), Pair(40e-6, 3)))
        << "with the value from before the window at its beginning";
}

TEST_F(PerfettoWriterTest, MemoriesAreCountersOfRateAndShare) {
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, all);
    writer.counted(Counter::dram_read_bytes, 0, 1'000'000, 3000);
    writer.counted(Counter::dram_busy, 0, 1'000'000,
                   1'500'000); // booked: the first window is full, of the second a half
    writer.sampled(1'000'000);
    writer.counted(Counter::dram_write_bytes, 1'000'000, 2'000'000, 500);
    writer.sampled(2'000'000);
    writer.run_ended(2'000'000);
    writer.finish();
    EXPECT_THAT(values_of({"dram GB/s", "dram busy %"}),
                testing::ElementsAre(R"(0 {"read":3,"written":0})", R"(0 {"busy":100})",
                                     R"(1 {"read":0,"written":0.5})", R"(1 {"busy":50})", R"(2 {"read":0,"written":0})",
                                     R"(2 {"busy":0})"));
}

// A multiply-accumulate takes 2 pJ in the matrix unit and a pJ in the SRAM.
std::vector<BlockPower> two_blocks() {
    std::vector<BlockPower> blocks(2);
    blocks[0].name = "matrix";
    blocks[0].of(Counter::macs_fp32) = 2;
    blocks[1].name = "sram";
    blocks[1].of(Counter::macs_fp32) = 1;
    blocks[1].static_watts = 0.5;
    return blocks;
}

TEST_F(PerfettoWriterTest, PowerIsThatOfTheTimeInWhichACommandWasExecuted) {
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, two_blocks(), all);
    writer.sampled(1'000'000);
    writer.sampled(2'000'000);
    // Known when it ends, two samples later: a million over half of the first window and half of the second.
    writer.counted(Counter::macs_fp32, 500'000, 1'500'000, 1'000'000);
    writer.sampled(3'000'000);
    writer.run_ended(3'000'000);
    writer.finish();
    EXPECT_THAT(values_of({"power W"}),
                testing::ElementsAre(R"(0 {"matrix":1,"sram":1,"total":2})", R"(2 {"matrix":0,"sram":0.5,"total":0.5})",
                                     R"(3 {"matrix":0,"sram":0,"total":0})"));
}

TEST_F(PerfettoWriterTest, PowerKeepsToWindowAndFilter) {
    const TraceSelection part(TimeWindow{1'500'000, 2'500'000}, "power matrix", units(), curve_names(two_blocks()), {});
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, two_blocks(), part);
    for (ip::Picoseconds time = 1'000'000; time <= 4'000'000; time += 1'000'000) {
        writer.counted(Counter::macs_fp32, time - 1'000'000, time, static_cast<std::int64_t>(time));
        writer.counted(Counter::dram_read_bytes, time - 1'000'000, time, 1);
        writer.sampled(time);
    }
    writer.run_ended(4'000'000);
    writer.finish();
    EXPECT_THAT(values_of({"power W"}), testing::ElementsAre(R"(1.5 {"matrix":4})", R"(2 {"matrix":6})"));
    EXPECT_EQ(events("C").size(), 2u) << "no other counter is asked for";
}

TEST_F(PerfettoWriterTest, StepsAndLossHaveTracksOfTheirOwn) {
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, all);
    writer.step_done(0, 3.5f, 1'000'000);
    writer.step_done(1, std::nanf(""), 2'000'000);
    writer.step_done(2, {}, 3'000'000);
    writer.finish();
    EXPECT_EQ(writer.slices(), 0u);
    EXPECT_EQ(events("B").size(), 3u);
    EXPECT_EQ(events("B")[1]["name"], "step 1");
    EXPECT_EQ(events("B")[1]["ts"], 1.0);
    ASSERT_EQ(events("C").size(), 1u) << "what is no number is not drawn";
    EXPECT_EQ(events("C")[0]["args"]["loss"], 3.5);
}

TEST_F(PerfettoWriterTest, HostileNamesAreEscaped) {
    std::vector<UnitInfo> hostile = units();
    hostile[0].name = "a\"},\\\n\xff";
    {
        PerfettoWriter writer(files::WholeFile(path_), hostile, {"o\"p\x01\xc3("}, {}, all);
        writer.span(dma0, span(0, 5, Activity::busy, 0));
        ip::Span wait = span(5, 9, Activity::stall_fence);
        wait.detail = dma0;
        writer.span(dma0, wait);
    }
    EXPECT_EQ(events("B")[0]["name"], "o\"p\x01\xef\xbf\xbd(");
    EXPECT_EQ(events("B")[1]["name"], "waits for a\"},\\\n\xef\xbf\xbd");
}

TEST_F(PerfettoWriterTest, AnExceptionLeavesAValidFile) {
    try {
        PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, all);
        Recorder recorder(units(), &writer);
        recorder.span(dma0, span(0, 100));
        recorder.span(dma0, span(50, 150)); // throws
        FAIL() << "overlapping spans went through";
    } catch (const std::logic_error&) {}
    EXPECT_EQ(events("B").size(), 1u);
}

TEST_F(PerfettoWriterTest, EmptySlicesAndUnitsItDoesNotKnowAreNotWritten) {
    PerfettoWriter writer(files::WholeFile(path_), units(), names_, {}, all);
    writer.span(dma0, span(5, 5));
    writer.span(77, span(5, 6));
    writer.finish();
    writer.span(dma0, span(6, 7)); // after the end: nothing happens
    writer.finish();
    EXPECT_EQ(writer.slices(), 0u);
}

TEST_F(PerfettoWriterTest, AFullDeviceIsReportedOnceAndDoesNotStopTheRun) {
    if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
    PerfettoWriter writer(files::WholeFile("/dev/full"), units(), names_, {}, all);
    for (unsigned i = 0; i < 20'000; ++i)
        writer.span(dma0, span(i * 10, i * 10 + 5));
    EXPECT_THAT(writer.finish().error(),
                testing::Optional(testing::AllOf(HasSubstr("/dev/full"), HasSubstr("No space left"))));
}

TEST_F(PerfettoWriterTest, AFileThatCannotBeOpenedIsAnErrorAtOnce) {
    EXPECT_THAT([&] { PerfettoWriter(files::WholeFile("/no/such/folder/trace.json"), units(), names_, {}, all); },
                testing::Throws<std::runtime_error>(
                    testing::Property(&std::runtime_error::what, HasSubstr("/no/such/folder/trace.json"))));
}

TEST(Names, UnknownOpcodesKeepTheirNumber) {
    EXPECT_EQ(opcode_name(UnitKind::vector, 40), "adam");
    EXPECT_EQ(opcode_name(UnitKind::matrix, 0), "fence");
    EXPECT_EQ(opcode_name(UnitKind::matrix, 77), "opcode 77");
}

} // namespace
} // namespace gradus::observe::perfetto_writer_test
