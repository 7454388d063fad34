// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/timeline_slices.h"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace gradus::observe::timeline_slices_test {
namespace {

ip::Span span(ip::Picoseconds begin, ip::Picoseconds end, ip::Activity activity = ip::Activity::busy,
              std::uint32_t op = 0) {
    ip::Span span;
    span.begin = begin;
    span.end = end;
    span.activity = activity;
    span.tag.op = op;
    span.tag.phase = COMMAND_PHASE_FORWARD;
    return span;
}

const TimelineLevel& named(const std::vector<TimelineLevel>& levels, const std::string& name) {
    for (const TimelineLevel& level : levels)
        if (level.name == name) return level;
    throw std::runtime_error("no level " + name);
}

std::size_t slices(const TimelineLevel& level) {
    std::size_t count = 0;
    for (const auto& unit : level.units)
        count += unit.size();
    return count;
}

TEST(Timeline, KeepsTheSpansOfAShortRunAsTheyAre) {
    Timeline timeline(2);
    timeline.span(0, span(100, 200));
    timeline.span(1, span(150, 300, ip::Activity::stall_memory, 7));
    const std::vector<TimelineLevel> levels = timeline.levels(1000);
    ASSERT_EQ(levels.size(), 3u);
    for (const TimelineLevel& level : levels) {
        EXPECT_EQ(level.begin, 0u);
        EXPECT_EQ(level.end, 1000u);
        EXPECT_EQ(level.grain, 0u);
        ASSERT_EQ(slices(level), 2u);
        EXPECT_EQ(level.units[1][0].op, 7u);
        EXPECT_EQ(level.units[1][0].usage.by_activity[static_cast<std::size_t>(ip::Activity::stall_memory)], 150u);
    }
}

TEST(Timeline, ALongRunIsMergedIntoABoundedNumberOfSlicesThatLoseNoTime) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    constexpr std::size_t units = 3;
    Timeline timeline(units);
    std::vector<Usage> expected(units);
    std::vector<ip::Picoseconds> now(units);
    std::vector<std::uint64_t> spans(units);
    for (unsigned i = 0; i < 200'000; ++i) {
        const auto unit = static_cast<ip::UnitId>(random() % units);
        const auto activity = static_cast<ip::Activity>(random() % ip::activity_count);
        const ip::Picoseconds begin = now[unit] + random() % 3000;
        const ip::Picoseconds end = begin + 1 + random() % 20'000;
        timeline.span(unit, span(begin, end, activity, static_cast<std::uint16_t>(random() % 3)));
        expected[unit].by_activity[static_cast<std::size_t>(activity)] += end - begin;
        now[unit] = end;
        ++spans[unit];
    }
    const std::vector<TimelineLevel> levels = timeline.levels(*std::max_element(now.begin(), now.end()));
    for (const char* name : {"run", "step"}) {
        const TimelineLevel& level = named(levels, name);
        EXPECT_LE(slices(level), name == std::string("run") ? Timeline::most_of_run : Timeline::most_of_step);
        EXPECT_GT(level.grain, 0u);
        for (std::size_t unit = 0; unit < units; ++unit) {
            Usage sum;
            std::uint64_t count = 0;
            ip::Picoseconds before = 0;
            for (const TimelineSlice& slice : level.units[unit]) {
                EXPECT_GE(slice.begin, before);
                EXPECT_LE(slice.usage.covered(), slice.end - slice.begin);
                EXPECT_TRUE(slice.spans == 1 || slice.end - slice.begin <= level.grain);
                before = slice.end;
                count += slice.spans;
                for (std::size_t activity = 0; activity < sum.by_activity.size(); ++activity)
                    sum.by_activity[activity] += slice.usage.by_activity[activity];
            }
            EXPECT_EQ(sum.by_activity, expected[unit].by_activity);
            EXPECT_EQ(count, spans[unit]);
        }
    }
}

TEST(Timeline, TheHeadHoldsEverySpanThatBeginsBeforeItsEnd) {
    Timeline timeline(2);
    for (ip::Picoseconds i = 0; i < 10'000; ++i) {
        timeline.span(0, span(i * 10, i * 10 + 10));
        if (i % 7 == 6) timeline.span(1, span((i - 6) * 10, i * 10 + 10)); // reported when it ends
    }
    const std::vector<TimelineLevel> levels = timeline.levels(100'000);
    const TimelineLevel& head = named(levels, "head");
    EXPECT_LT(head.end, 100'000u);
    EXPECT_GT(head.end, 10'000u);
    EXPECT_EQ(head.units[0].size(), (head.end + 9) / 10);
    EXPECT_EQ(head.units[1].size(), (head.end + 69) / 70);
}

TEST(Timeline, TheStepIsTheLastCompleteOne) {
    Timeline timeline(1);
    timeline.span(0, span(0, 50, ip::Activity::busy, 1));
    timeline.step_done(100);
    timeline.span(0, span(100, 160, ip::Activity::busy, 2));
    timeline.step_done(200);
    timeline.span(0, span(200, 210, ip::Activity::busy, 3));
    const std::vector<TimelineLevel> levels = timeline.levels(300);
    for (const char* name : {"step", "head"}) {
        const TimelineLevel& level = named(levels, name);
        EXPECT_EQ(level.begin, 100u);
        EXPECT_EQ(level.end, 200u);
        ASSERT_EQ(slices(level), 1u);
        EXPECT_EQ(level.units[0][0].op, 2u);
    }
    EXPECT_EQ(slices(named(levels, "run")), 3u);
}

TEST(Timeline, NeighboursOfDifferentOperatorsBelongToNoneWhenMerged) {
    MergingSlices merging(1, 4);
    for (ip::Picoseconds i = 0; i < 16; ++i)
        merging.add(0, span(i * 2000, i * 2000 + 1000, ip::Activity::busy, static_cast<std::uint16_t>(i)));
    const TimelineLevel level = merging.level("run", 0, 32'000);
    EXPECT_LE(slices(level), 4u);
    EXPECT_GT(level.units[0][0].spans, 1u);
    EXPECT_EQ(level.units[0][0].op, COMMAND_NO_OP);
    EXPECT_EQ(level.units[0][0].phase, COMMAND_PHASE_FORWARD);
}

} // namespace
} // namespace gradus::observe::timeline_slices_test
