// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <random>
#include <tuple>
#include <vector>

#include "ip/cpu/hart_spans.h"

namespace gradus::ip::hart_spans_test {
namespace {

struct Log : Observer {
    void span(UnitId, const Span& span) override { spans.push_back(span); }
    void retired(UnitId, std::uint8_t, const Tag&, const CommandWork&) override {}
    void halted(UnitId, std::uint32_t, std::uint32_t, std::uint32_t) override {}
    std::vector<Span> spans;
};

using Entry = std::tuple<Picoseconds, Picoseconds, Activity>;
std::vector<Entry> entries(const Log& log) {
    std::vector<Entry> result;
    for (const Span& span : log.spans)
        result.emplace_back(span.begin, span.end, span.activity);
    return result;
}

TEST(HartSpans, GatherAlternatingTimeIntoOneBusyAndOneStalledSpan) {
    Log log;
    HartSpans spans(0, log);
    spans.add(100, 110, Activity::busy);
    spans.add(110, 130, Activity::stall_bus);
    spans.add(130, 160, Activity::busy);
    spans.add(160, 165, Activity::stall_bus);
    EXPECT_TRUE(log.spans.empty());
    spans.flush();
    EXPECT_EQ(entries(log), (std::vector<Entry>{{100, 140, Activity::busy}, {140, 165, Activity::stall_bus}}));
    spans.flush();
    EXPECT_EQ(log.spans.size(), 2u) << "nothing is reported twice";
}

TEST(HartSpans, AreCutAtTheGrid) {
    constexpr Picoseconds cell = HartSpans::cell;
    Log log;
    HartSpans spans(0, log);
    spans.add(cell - 10, 2 * cell + 5, Activity::busy);
    spans.flush();
    EXPECT_EQ(entries(log), (std::vector<Entry>{{cell - 10, cell, Activity::busy},
                                                {cell, 2 * cell, Activity::busy},
                                                {2 * cell, 2 * cell + 5, Activity::busy}}));
}

TEST(HartSpans, ANewTagBeginsANewSpan) {
    Log log;
    HartSpans spans(0, log);
    Tag tag;
    tag.phase = COMMAND_PHASE_BACKWARD;
    spans.add(0, 10, Activity::busy);
    spans.set_tag(tag);
    spans.add(10, 30, Activity::busy);
    spans.flush();
    ASSERT_EQ(log.spans.size(), 2u);
    EXPECT_EQ(log.spans[0].tag.phase, COMMAND_PHASE_OTHER);
    EXPECT_EQ(log.spans[1].tag.phase, COMMAND_PHASE_BACKWARD);
}

TEST(HartSpans, DoNotDependOnThePiecesTimeIsAddedIn) {
    const unsigned seed = 7;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    Log whole_log, pieces_log;
    HartSpans whole(0, whole_log), pieces(0, pieces_log);
    Picoseconds time = 0, sums[2] = {};
    for (int i = 0; i < 500; ++i) {
        const Activity activity = i % 2 ? Activity::stall_bus : Activity::busy;
        const Picoseconds end = time + random() % (HartSpans::cell / 3);
        whole.add(time, end, activity);
        sums[i % 2] += end - time;
        while (time < end) {
            const Picoseconds next = std::min(end, time + 1 + random() % (HartSpans::cell / 10));
            pieces.add(time, next, activity);
            time = next;
        }
    }
    whole.flush();
    pieces.flush();
    EXPECT_EQ(entries(whole_log), entries(pieces_log));
    Picoseconds reported[2] = {}, last = 0;
    for (const Span& span : whole_log.spans) {
        EXPECT_EQ(span.begin, last) << "no gap, no overlap";
        last = span.end;
        reported[span.activity == Activity::stall_bus] += span.end - span.begin;
    }
    EXPECT_EQ(reported[0], sums[0]);
    EXPECT_EQ(reported[1], sums[1]);
}

} // namespace
} // namespace gradus::ip::hart_spans_test
