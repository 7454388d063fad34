// links: gradus_observe
// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/perfetto_writer.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "platform/observe/names.h"
#include "tests/unit/report_fixture.h"

namespace gradus::observe {
namespace {

using namespace report_fixture;
using ip::Activity;
using nlohmann::json;
using testing::HasSubstr;

constexpr std::uint64_t many = 1'000'000;

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

    const std::string path_ =
        (std::filesystem::temp_directory_path() / ("gradus_trace_" + std::to_string(::getpid()) + ".json")).string();
    const std::vector<std::string> names_ = {"embed", "layer0.mlp.up"};
};

TEST_F(PerfettoWriterTest, OneTrackAUnitInOrder) {
    PerfettoWriter(path_, units(), names_, many).finish();
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
    PerfettoWriter writer(path_, units(), names_, many);
    ip::Span event = span(1'234'567, 2'000'001, Activity::busy, 1, COMMAND_PHASE_BACKWARD);
    event.opcode = 1;
    event.tag.layer = 3;
    event.tag.step = 17;
    writer.span(matrix, event);
    writer.finish();
    const json begin = events("B")[0];
    EXPECT_EQ(begin["name"], "layer0.mlp.up");
    EXPECT_EQ(begin["cat"], "backward");
    EXPECT_EQ(begin["args"], json({{"activity", "busy"},
                                   {"step", 17},
                                   {"phase", "backward"},
                                   {"layer", 3},
                                   {"op", 1},
                                   {"opcode", "multiply"}}));
    const std::string text((std::istreambuf_iterator<char>(*std::make_unique<std::ifstream>(path_))), {});
    EXPECT_THAT(text, HasSubstr("\"ts\":1.234567")) << "microseconds, exact to the picosecond";
    EXPECT_THAT(text, HasSubstr("\"ts\":2.000001"));
}

TEST_F(PerfettoWriterTest, StallsAreNamedByWhatIsWaitedFor) {
    PerfettoWriter writer(path_, units(), names_, many);
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
    PerfettoWriter writer(path_, units(), names_, many);
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
    const unsigned seed = 5;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::uint64_t slices = 0;
    {
        PerfettoWriter writer(path_, units(), names_, many);
        a_random_result(seed, 30, &writer);
        slices = writer.finish().slices;
    }
    std::map<int, double> end_of_track;
    std::set<int> open;
    std::uint64_t begins = 0;
    const json trace = parse();
    for (const json& event : trace["traceEvents"]) {
        if (event["ph"] != "B" && event["ph"] != "E") continue;
        const int track = event["tid"];
        const double time = event["ts"];
        EXPECT_GE(time, end_of_track[track]);
        end_of_track[track] = time;
        if (event["ph"] == "B") {
            EXPECT_TRUE(open.insert(track).second) << "a slice inside another";
            ++begins;
        } else {
            EXPECT_EQ(open.erase(track), 1u) << "an end without a beginning";
        }
    }
    EXPECT_TRUE(open.empty());
    EXPECT_EQ(begins, slices);
    EXPECT_GT(slices, 5000u);
    EXPECT_EQ(trace["otherData"]["note"], "complete");
}

TEST_F(PerfettoWriterTest, EveryPhaseHasAColourOfItsOwn) {
    PerfettoWriter writer(path_, units(), names_, many);
    for (std::uint8_t phase = 0; phase <= COMMAND_PHASE_GENERATE; ++phase)
        writer.span(dma0, span(phase * 10u, phase * 10u + 5, Activity::busy, 0, phase));
    writer.span(dma0, span(100, 105, Activity::stall_memory, 0, COMMAND_PHASE_FORWARD));
    writer.span(dma0, span(105, 106, Activity::busy, 0, 250)); // no such phase: other
    writer.finish();
    std::set<std::string> colours;
    for (const json& event : events("B"))
        colours.insert(event["cname"]);
    EXPECT_EQ(colours.size(), COMMAND_PHASE_GENERATE + 2u);
}

TEST_F(PerfettoWriterTest, StepsAndLossHaveTracksOfTheirOwn) {
    PerfettoWriter writer(path_, units(), names_, many);
    writer.step_done(0, 3.5f, 1'000'000);
    writer.step_done(1, std::nanf(""), 2'000'000);
    writer.step_done(2, {}, 3'000'000);
    EXPECT_EQ(writer.finish().slices, 0u);
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
        PerfettoWriter writer(path_, hostile, {"o\"p\x01\xc3("}, many);
        writer.span(dma0, span(0, 5, Activity::busy, 0));
        ip::Span wait = span(5, 9, Activity::stall_fence);
        wait.detail = dma0;
        writer.span(dma0, wait);
    }
    EXPECT_EQ(events("B")[0]["name"], "o\"p\x01\xef\xbf\xbd(");
    EXPECT_EQ(events("B")[1]["name"], "waits for a\"},\\\n\xef\xbf\xbd");
}

TEST_F(PerfettoWriterTest, PastTheLimitSlicesAreCountedAndTheFileSaysSo) {
    PerfettoWriter writer(path_, units(), names_, 3);
    for (unsigned i = 0; i < 10; ++i)
        writer.span(dma0, span(i * 10, i * 10 + 5));
    const TraceOutcome& outcome = writer.finish();
    EXPECT_EQ(outcome.slices, 3u);
    EXPECT_EQ(outcome.left_out, 7u);
    EXPECT_EQ(events("B").size(), 3u);
    EXPECT_EQ(parse()["otherData"]["left_out"], 7);
    ASSERT_EQ(events("i").size(), 1u);
    EXPECT_THAT(events("i")[0]["name"], HasSubstr("limit of 3, 7 left out"));
}

TEST_F(PerfettoWriterTest, AnExceptionLeavesAValidFile) {
    try {
        PerfettoWriter writer(path_, units(), names_, many);
        Recorder recorder(units(), &writer);
        recorder.span(dma0, span(0, 100));
        recorder.span(dma0, span(50, 150)); // throws
        FAIL() << "overlapping spans went through";
    } catch (const std::logic_error&) {}
    EXPECT_EQ(events("B").size(), 1u);
}

TEST_F(PerfettoWriterTest, EmptySlicesAndUnitsItDoesNotKnowAreNotWritten) {
    PerfettoWriter writer(path_, units(), names_, many);
    writer.span(dma0, span(5, 5));
    writer.span(77, span(5, 6));
    EXPECT_EQ(writer.finish().slices, 0u);
    writer.span(dma0, span(6, 7)); // after the end: nothing happens
    EXPECT_EQ(writer.finish().slices, 0u);
}

TEST_F(PerfettoWriterTest, AFullDeviceIsReportedOnceAndDoesNotStopTheRun) {
    if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
    PerfettoWriter writer("/dev/full", units(), names_, many);
    for (unsigned i = 0; i < 20'000; ++i)
        writer.span(dma0, span(i * 10, i * 10 + 5));
    EXPECT_THAT(writer.finish().error,
                testing::Optional(testing::AllOf(HasSubstr("/dev/full"), HasSubstr("No space left"))));
}

TEST_F(PerfettoWriterTest, AFileThatCannotBeOpenedIsAnErrorAtOnce) {
    EXPECT_THAT([&] { PerfettoWriter("/no/such/folder/trace.json", units(), names_, many); },
                testing::Throws<std::runtime_error>(
                    testing::Property(&std::runtime_error::what, HasSubstr("/no/such/folder/trace.json"))));
}

TEST(Names, UnknownOpcodesKeepTheirNumber) {
    EXPECT_EQ(opcode_name(UnitKind::vector, 40), "adam");
    EXPECT_EQ(opcode_name(UnitKind::matrix, 0), "fence");
    EXPECT_EQ(opcode_name(UnitKind::matrix, 77), "opcode 77");
}

} // namespace
} // namespace gradus::observe
