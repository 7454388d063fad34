// links: gradus_observe
// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/activity_recorder.h"

#include <numeric>
#include <random>

#include <gmock/gmock.h>

#include "tests/unit/report_fixture.h"

namespace gradus::observe {
namespace {

using namespace report_fixture;
using ip::Activity;
using testing::Each;
using testing::ElementsAre;
using testing::Le;

std::uint64_t sum_of(const std::vector<std::uint64_t>& values) {
    return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

TEST(ActivityWindows, WindowsOfARowAddUpToWhatWasAddedHoweverOftenTheyWereMerged) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        ActivityWindows windows(3);
        std::array<std::uint64_t, 3> added{};
        ip::Picoseconds now = 0;
        for (int i = 0; i < 3000; ++i) {
            const ip::Picoseconds begin = now - std::min<ip::Picoseconds>(now, random() % 100'000);
            const ip::Picoseconds end = begin + random() % (ip::Picoseconds{1} << (random() % 34));
            const std::uint64_t amount = random() % (std::uint64_t{1} << (random() % 40));
            windows.add(i % 3, begin, end, amount);
            added[i % 3] += amount;
            now = std::max(now, end);
        }
        EXPECT_LE(windows.count(now), ActivityWindows::most);
        EXPECT_GT(windows.count(now), ActivityWindows::most / 2) << "no coarser than needed";
        for (std::size_t row = 0; row < added.size(); ++row)
            EXPECT_EQ(sum_of(windows.row(row)), added[row]);
    }
}

TEST(ActivityWindows, WhatLiesInSeveralWindowsIsSpreadEvenly) {
    ActivityWindows windows(1);
    windows.add(0, 512, 2560, 100); // half a window, a window, half a window of 1024 ps
    EXPECT_EQ(windows.row(0)[0], 25u);
    EXPECT_EQ(windows.row(0)[1], 50u);
    EXPECT_EQ(windows.row(0)[2], 25u);
}

TEST(ActivityWindows, AMixtureNeverGivesAWindowMoreTimeThanItIsLong) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        ActivityWindows windows(2);
        ip::Picoseconds now = 0, busy = 0, stalled = 0;
        for (int i = 0; i < 500; ++i) {
            const ip::Picoseconds length = random() % 300'000'000;
            const ip::Picoseconds first = random() % (length + 1);
            windows.add_mixture(0, 1, now, now + length, first);
            now += length;
            busy += first;
            stalled += length - first;
        }
        EXPECT_EQ(sum_of(windows.row(0)), busy);
        EXPECT_EQ(sum_of(windows.row(1)), stalled);
        for (std::size_t i = 0; i < windows.count(now); ++i)
            EXPECT_LE(windows.row(0)[i] + windows.row(1)[i], windows.width());
    }
}

struct Hardware : CounterSource {
    void read_memories(Counts& counts) const override { counts = now; }
    std::uint64_t instructions() const override { return now[Counter::instructions]; }
    Counts now;
};

TEST(ActivityRecorder, CountersAddUpToWhatTheHardwareSaysAtTheEnd) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        ActivityRecorder recorder(gathering_units(units()));
        Hardware hardware;
        ip::Picoseconds now = 0;
        std::uint64_t macs = 0;
        for (int i = 0; i < 2000; ++i) {
            const ip::Picoseconds begin = now;
            now += random() % 1'000'000;
            hardware.now[Counter::dram_read_bytes] += random() % 4096;
            hardware.now[Counter::dram_row_hits] += random() % 9;
            // An activate turns what looked like a hit into a miss.
            if (hardware.now[Counter::dram_row_hits] && random() % 2) --hardware.now[Counter::dram_row_hits];
            hardware.now[Counter::instructions] += random() % 100;
            ip::CommandWork work;
            work.macs = random() % 100'000;
            work.macs_bf16 = work.macs / 3;
            macs += work.macs;
            recorder.work(work, begin, now, hardware);
            if (random() % 3 == 0) recorder.doorbell(now, hardware);
            if (random() % 50 == 0) recorder.step_done(now, hardware);
        }
        const OverTime result = recorder.finish(now, hardware);
        for (const Counter counter : {Counter::dram_read_bytes, Counter::dram_row_hits, Counter::instructions})
            EXPECT_EQ(result.total[counter], hardware.now[counter]) << info(counter).name;
        EXPECT_EQ(result.total[Counter::macs_fp32] + result.total[Counter::macs_bf16], macs);
        EXPECT_EQ(result.total[Counter::commands], 2000u);
        Counts sums;
        for (const Counts& window : result.counts)
            for (std::size_t i = 0; i < counter_count; ++i)
                sums[static_cast<Counter>(i)] += window[static_cast<Counter>(i)];
        for (std::size_t i = 0; i < counter_count; ++i)
            EXPECT_EQ(sums[static_cast<Counter>(i)], result.total[static_cast<Counter>(i)])
                << info(static_cast<Counter>(i)).name;
        EXPECT_LE(result.training[Counter::commands], 2000u);
    }
}

TEST(ActivityRecorder, AHartsCellOfBusyAndStalledTimeIsOneEvenMixture) {
    ActivityRecorder recorder(gathering_units(units()));
    recorder.span(cpu, span(0, 1024, Activity::busy));
    recorder.span(cpu, span(1024, 4096, Activity::stall_bus));
    recorder.span(cpu, span(4096, 5120, Activity::busy)); // asleep behind it
    const OverTime result = recorder.finish(8192, Hardware{});
    ASSERT_EQ(result.units[cpu].size(), 8u);
    std::vector<ip::Picoseconds> busy, stalled;
    for (const Usage& usage : result.units[cpu]) {
        busy.push_back(usage.busy());
        stalled.push_back(usage.stalled());
    }
    EXPECT_THAT(busy, ElementsAre(256, 256, 256, 256, 1024, 0, 0, 0));
    EXPECT_THAT(stalled, ElementsAre(768, 768, 768, 768, 0, 0, 0, 0));
}

TEST(ActivityRecorder, ARunOfNoTimeHasNoWindows) {
    ActivityRecorder recorder(gathering_units(units()));
    EXPECT_TRUE(recorder.finish(0, Hardware{}).counts.empty());
}

} // namespace
} // namespace gradus::observe
