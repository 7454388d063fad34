// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/activity_recorder.h"
#include "platform/observe/sample_windows.h"

#include <numeric>
#include <random>

#include <gmock/gmock.h>

#include "tests/unit/report_fixture.h"

namespace gradus::observe::activity_test {
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
        ActivityRecorder recorder(gathering_units(units()), 4096);
        Hardware hardware;
        ip::Picoseconds now = 0;
        std::uint64_t macs = 0;
        Counts at_step[2]; // the last step but one, and the last
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
            if (random() % 50 == 0) {
                recorder.step_done(now, hardware);
                at_step[0] = at_step[1];
                at_step[1] = hardware.now;
            }
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
        for (const Counter counter : {Counter::dram_read_bytes, Counter::instructions}) {
            EXPECT_EQ(result.training[counter], at_step[1][counter]) << info(counter).name;
            EXPECT_EQ(result.last_step[counter], at_step[1][counter] - at_step[0][counter]) << info(counter).name;
        }
    }
}

struct Heard : TraceSink {
    void counted(Counter counter, ip::Picoseconds begin, ip::Picoseconds end, std::int64_t amount) override {
        EXPECT_LE(begin, end);
        sums[static_cast<std::size_t>(counter)] += amount;
    }
    void sampled(ip::Picoseconds time) override { samples.push_back(time); }
    std::array<std::int64_t, counter_count> sums{};
    std::vector<ip::Picoseconds> samples;
};

TEST(ActivityRecorder, ATraceHearsAllThatIsCounted) {
    std::mt19937_64 random(1);
    Heard heard;
    constexpr ip::Picoseconds interval = 50'000;
    ActivityRecorder recorder(gathering_units(units()), interval, &heard);
    Hardware hardware;
    ip::Picoseconds now = 0;
    for (int i = 0; i < 2000; ++i) {
        const ip::Picoseconds begin = now;
        now += random() % 100'000;
        hardware.now[Counter::sram_read_bytes] += random() % 4096;
        hardware.now[Counter::dram_row_hits] += random() % 9;
        if (hardware.now[Counter::dram_row_hits] && random() % 2) --hardware.now[Counter::dram_row_hits];
        hardware.now[Counter::instructions] += random() % 100;
        ip::CommandWork work;
        work.lanes.exp = random() % 1000;
        recorder.work(work, begin, now, hardware);
        if (random() % 3 == 0) recorder.doorbell(now, hardware);
    }
    const OverTime result = recorder.finish(now, hardware);
    for (std::size_t i = 0; i < counter_count; ++i)
        EXPECT_EQ(heard.sums[i], static_cast<std::int64_t>(result.total[static_cast<Counter>(i)]))
            << info(static_cast<Counter>(i)).name;
    EXPECT_TRUE(std::is_sorted(heard.samples.begin(), heard.samples.end()));
    EXPECT_EQ(heard.samples.back(), now);
    for (std::size_t i = 1; i < heard.samples.size(); ++i)
        EXPECT_LT(heard.samples[i] - heard.samples[i - 1], interval + 100'000)
            << "the first command behind the interval";
}

TEST(SampleWindows, WhatIsAddedIsGivenOutEvenWhatIsOlderThanAllThatIsKept) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        SampleWindows windows;
        ip::Picoseconds now = 0, last_end = 0;
        double added = 0, given = 0;
        const auto give = [&](const SampleWindow& window) {
            EXPECT_EQ(window.begin, last_end);
            last_end = window.end;
            given += window[Counter::macs_fp32];
        };
        for (int i = 0; i < 3000; ++i) {
            now += 1 + random() % 1000;
            const ip::Picoseconds begin = random() % 100 ? now - random() % std::min<ip::Picoseconds>(now, 5000) : 0;
            const auto amount = static_cast<std::int64_t>(random() % 100'000);
            windows.add(Counter::macs_fp32, begin, now, amount);
            added += static_cast<double>(amount);
            windows.close(now);
            while (const auto window = windows.take_old())
                give(*window);
        }
        while (const auto window = windows.take())
            give(*window);
        EXPECT_NEAR(given, added, 1e-9 * added);
        EXPECT_EQ(last_end, now);
    }
}

TEST(SampleWindows, WhatTakesNoTimeBelongsToTheWindowThatEndsWithIt) {
    SampleWindows windows;
    windows.close(100);
    windows.add(Counter::commands, 100, 100, 1);
    windows.add(Counter::commands, 0, 0, 2);
    EXPECT_EQ((*windows.take())[Counter::commands], 3);
    EXPECT_FALSE(windows.take()) << "it has not ended";
}

TEST(ActivityRecorder, AHartsCellOfBusyAndStalledTimeIsOneEvenMixture) {
    ActivityRecorder recorder(gathering_units(units()), 4096);
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
    ActivityRecorder recorder(gathering_units(units()), 4096);
    EXPECT_TRUE(recorder.finish(0, Hardware{}).counts.empty());
}

} // namespace
} // namespace gradus::observe::activity_test
