// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/recorder.h"

#include <random>
#include <stdexcept>

#include <gmock/gmock.h>

#include "tests/unit/report_fixture.h"

namespace gradus::observe::recorder_test {
namespace {

using namespace report_fixture;
using ip::Activity;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;

constexpr std::uint8_t forward = COMMAND_PHASE_FORWARD;
constexpr std::uint8_t backward = COMMAND_PHASE_BACKWARD;

const OpTotals* find(const std::vector<OpTotals>& ops, std::uint8_t phase, std::uint32_t op) {
    for (const OpTotals& totals : ops)
        if (totals.phase == phase && totals.op == op) return &totals;
    return nullptr;
}

class SpanLog : public TraceSink {
public:
    void span(ip::UnitId unit, const ip::Span& span) override { log.emplace_back(unit, span.end); }
    std::vector<std::pair<ip::UnitId, ip::Picoseconds>> log;
};

TEST(Recorder, BusyStallsAndIdleAddUpToTheRunForEveryUnit) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        Recorder recorder(units());
        std::vector<ip::Picoseconds> now(units().size()), gaps(units().size());
        for (int i = 0; i < 2000; ++i) {
            const ip::UnitId unit = random() % units().size();
            const ip::Picoseconds gap = random() % 3 ? 0 : random() % 1000;
            ip::Span event = span(now[unit] + gap, now[unit] + gap + random() % 5000,
                                  static_cast<Activity>(random() % ip::activity_count),
                                  static_cast<std::uint16_t>(random() % 40), static_cast<std::uint8_t>(random() % 7));
            event.detail = static_cast<std::uint16_t>(random() % 9);
            recorder.span(unit, event);
            gaps[unit] += gap;
            now[unit] = event.end;
        }
        const ip::Picoseconds total = *std::max_element(now.begin(), now.end());
        for (ip::UnitId unit = 0; unit < now.size(); ++unit) {
            const UnitTotals& totals = recorder.totals()[unit];
            EXPECT_EQ(recorder.idle(unit, total), gaps[unit] + total - now[unit]);
            EXPECT_EQ(totals.usage.busy() + totals.usage.stalled() + recorder.idle(unit, total), total);
            ip::Picoseconds fences = 0;
            for (const ip::Picoseconds time : totals.fence_stall_by_queue)
                fences += time;
            EXPECT_EQ(fences, totals.usage.by_activity[static_cast<int>(Activity::stall_fence)]);
            Usage by_op;
            for (const OpTotals& op : recorder.ops())
                for (int i = 0; i < ip::activity_count; ++i)
                    by_op.by_activity[i] += op.by_unit[unit].by_activity[i];
            EXPECT_EQ(by_op.by_activity, totals.usage.by_activity) << "every span has exactly one op as its owner";
        }
    }
}

TEST(Recorder, TimesOfAllOpsAddUpToTheRun) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        Recorder recorder(units());
        std::vector<ip::Picoseconds> now(units().size());
        for (int i = 0; i < 500; ++i) {
            const ip::UnitId unit = random() % units().size();
            const ip::Picoseconds begin = now[unit] + 1 + random() % 100;
            const auto activity = static_cast<Activity>(random() % ip::activity_count);
            now[unit] = begin + 1 + random() % 1000;
            recorder.span(unit, span(begin, now[unit], activity, static_cast<std::uint16_t>(random() % 5), forward));
        }
        const ip::Picoseconds end = *std::max_element(now.begin(), now.end()) + 100;
        recorder.finish(end);
        ip::Picoseconds sum = 0;
        for (const OpTotals& op : recorder.ops())
            sum += op.time;
        EXPECT_EQ(sum, end);
    }
}

TEST(Recorder, ChargesTimeToTheOpWhoseCommandEndsLater) {
    Recorder recorder(units());
    // The load of op 0 runs from 100 to 300 while the multiplication of op 0 has yet to come. The load of op 1 runs
    // under the multiplication and ends before it, so it costs nothing; its own multiplication does.
    recorder.span(dma0, span(100, 300, Activity::busy, 0, forward));
    recorder.span(dma0, span(300, 500, Activity::busy, 1, forward));
    recorder.span(matrix, span(320, 600, Activity::busy, 0, forward));
    recorder.span(matrix, span(650, 900, Activity::busy, 1, forward));
    const std::vector<OpTotals> ops = recorder.ops();
    EXPECT_EQ(find(ops, COMMAND_PHASE_OTHER, COMMAND_NO_OP)->time, 100u) << "before the first command";
    EXPECT_EQ(find(ops, forward, 0)->time, (300u - 100u) + (600u - 500u));
    EXPECT_EQ(find(ops, forward, 1)->time, (500u - 300u) + (900u - 600u)) << "with the gap before its multiplication";
}

TEST(Recorder, WhatFollowsTheLastExecutionOfAStepOrOfTheRunIsNobodys) {
    Recorder recorder(units());
    recorder.span(matrix, span(0, 100, Activity::busy, 0, forward));
    recorder.step_done(0, 1, 130);
    recorder.span(matrix, span(150, 200, Activity::busy, 0, forward));
    recorder.step_done(1, 1, 210);
    recorder.finish(260);
    const std::vector<OpTotals> ops = recorder.ops();
    EXPECT_EQ(find(ops, forward, 0)->time, 100u + (200u - 130u)) << "the gap before a command is its own";
    EXPECT_EQ(find(ops, COMMAND_PHASE_OTHER, COMMAND_NO_OP)->time, 30u + 10u + 50u);
}

TEST(Recorder, WhatLiesBetweenStepsIsNoStepsTime) {
    Recorder recorder(units());
    recorder.span(matrix, span(0, 100, Activity::busy, 0, forward));
    recorder.step_done(0, 1, 130);
    recorder.span(matrix, span(150, 200, Activity::busy, 0, COMMAND_PHASE_VALIDATE));
    recorder.validated(210);
    recorder.span(matrix, span(220, 300, Activity::busy, 0, forward));
    recorder.step_done(1, 1, 310);
    recorder.span(matrix, span(310, 350, Activity::busy, 0, COMMAND_PHASE_VALIDATE));
    recorder.validated(360);
    recorder.finish(400);
    const std::optional<LastStep> last = recorder.last_step();
    ASSERT_TRUE(last);
    EXPECT_EQ(last->time, 100u);
    EXPECT_EQ(last->units[matrix].usage.busy(), 80u);
    EXPECT_EQ(find(last->ops, COMMAND_PHASE_VALIDATE, 0), nullptr);
    EXPECT_EQ(recorder.step_count(), 2u);
    const StepLog steps = recorder.take_steps();
    ASSERT_EQ(steps.size(), 2u);
    EXPECT_EQ(steps[1].begin, 210u);
    EXPECT_EQ(steps[1].end, 310u);
    EXPECT_EQ(steps[1].units[matrix].busy(), 80u);
    const std::vector<OpTotals> ops = recorder.ops();
    EXPECT_EQ(find(ops, forward, 0)->time, 100u + (300u - 210u));
    EXPECT_EQ(find(ops, COMMAND_PHASE_VALIDATE, 0)->time, (200u - 130u) + (350u - 310u));
    EXPECT_EQ(find(ops, COMMAND_PHASE_OTHER, COMMAND_NO_OP)->time, 30u + 10u + 10u + 10u + 40u);
}

TEST(Recorder, TheTimeInWhichTheHartChoosesATokenIsGenerationsOwn) {
    Recorder recorder(units());
    recorder.token_chosen(50);
    recorder.span(0, span(100, 200, Activity::busy, 3, COMMAND_PHASE_GENERATE));
    recorder.token_chosen(270);
    recorder.span(0, span(300, 400, Activity::busy, 3, COMMAND_PHASE_GENERATE));
    recorder.finish(400);
    const auto ops = recorder.ops();
    EXPECT_EQ(find(ops, COMMAND_PHASE_OTHER, COMMAND_NO_OP)->time, 100u) << "before the first execution";
    EXPECT_EQ(find(ops, COMMAND_PHASE_GENERATE, COMMAND_NO_OP)->time, 70u);
    EXPECT_EQ(find(ops, COMMAND_PHASE_GENERATE, 3)->time, 230u) << "with the gap from the token to its command";
}

TEST(Recorder, KeepsWhatUnitsDidInTheTimeOfAnOpApartFromWhatTheyDidForIt) {
    Recorder recorder(units());
    // While op 0 multiplies, a channel already loads for op 1.
    recorder.span(dma0, span(0, 60, Activity::busy, 1, forward));
    recorder.span(matrix, span(0, 100, Activity::busy, 0, forward));
    recorder.span(dma0, span(60, 130, Activity::stall_fence, 1, forward));
    recorder.span(matrix, span(100, 150, Activity::busy, 1, forward));
    recorder.finish(150);
    const std::vector<OpTotals> ops = recorder.ops();
    const OpTotals& first = *find(ops, forward, 0);
    const OpTotals& second = *find(ops, forward, 1);
    EXPECT_EQ(first.time, 40u) << "op 1 moved the end of the run first: it has the time until 60";
    EXPECT_EQ(second.time, 60u + 50u);
    EXPECT_EQ(first.by_unit[dma0].covered(), 0u);
    EXPECT_EQ(first.during[dma0].by_activity[static_cast<int>(Activity::stall_fence)], 40u);
    EXPECT_EQ(second.by_unit[dma0].covered(), 130u);
    EXPECT_EQ(second.during[dma0].busy(), 60u);
    EXPECT_EQ(second.during[dma0].by_activity[static_cast<int>(Activity::stall_fence)], 30u);
}

TEST(Recorder, ChargesWaitingForMemoryButNotForFencesOrTheHart) {
    Recorder recorder(units());
    recorder.span(cpu, span(0, 5000, Activity::busy));
    recorder.span(dma0, span(0, 10, Activity::busy, 0, forward));
    recorder.span(matrix, span(0, 400, Activity::stall_fence, 1, forward));
    recorder.span(dma0, span(10, 30, Activity::stall_memory, 0, forward));
    const std::vector<OpTotals> ops = recorder.ops();
    EXPECT_EQ(find(ops, forward, 0)->time, 30u);
    EXPECT_EQ(find(ops, forward, 1)->time, 0u);
    EXPECT_EQ(find(ops, COMMAND_PHASE_OTHER, COMMAND_NO_OP)->time, 0u);
}

TEST(Recorder, SplitsFenceStallsByTheQueueWaitedFor) {
    Recorder recorder(units());
    ip::Span wait = span(0, 70, Activity::stall_fence);
    wait.detail = dma1;
    recorder.span(matrix, wait);
    wait = span(70, 100, Activity::stall_fence);
    wait.detail = 31; // a queue this chip does not have
    recorder.span(matrix, wait);
    const auto& split = recorder.totals()[matrix].fence_stall_by_queue;
    EXPECT_EQ(split[dma1], 70u);
    ASSERT_EQ(split.size(), 32u);
    EXPECT_EQ(split[31], 30u);
}

TEST(Recorder, OverlappingSpansOfAUnitAreAFaultOfTheModel) {
    Recorder recorder(units());
    recorder.span(dma0, span(100, 200));
    recorder.span(dma1, span(150, 180)); // another unit: fine
    recorder.span(dma0, span(200, 200)); // touching, and empty: fine
    EXPECT_THAT(
        [&] { recorder.span(dma0, span(199, 300)); },
        Throws<std::logic_error>(Property(
            &std::logic_error::what, testing::AllOf(HasSubstr("dma0"), HasSubstr("199 ps"), HasSubstr("200 ps")))));
}

TEST(Recorder, SpansThatEndBeforeTheyBeginAreAFaultOfTheModel) {
    Recorder recorder(units());
    EXPECT_THROW(recorder.span(dma0, span(10, 9)), std::logic_error);
    EXPECT_THROW(recorder.span(99, span(10, 11)), std::logic_error);
    EXPECT_THROW(recorder.span(dma0, span(10, 11, static_cast<Activity>(9))), std::logic_error);
    EXPECT_THROW(recorder.retired(99, 0, {}, {}), std::logic_error);
}

TEST(Recorder, IdleOfARunShorterThanItsSpansIsAFaultOfTheModel) {
    Recorder recorder(units());
    recorder.span(dma0, span(0, 100));
    EXPECT_EQ(recorder.idle(dma0, 100), 0u);
    EXPECT_THROW(recorder.idle(dma0, 99), std::logic_error);
}

TEST(Recorder, CollectsWorkByUnitAndByOp) {
    Recorder recorder(units());
    ip::CommandWork work;
    work.macs = 64;
    work.dram_read = 256;
    recorder.retired(matrix, 1, {0, 3, 0, forward}, work);
    recorder.retired(matrix, 1, {1, 3, 0, forward}, work);
    recorder.retired(matrix, 1, {1, 3, 0, backward}, work);
    EXPECT_EQ(recorder.commands(), 3u);
    EXPECT_EQ(recorder.totals()[matrix].work.work.macs, 192u);
    EXPECT_EQ(find(recorder.ops(), forward, 3)->work.work.dram_read, 512u);
    EXPECT_EQ(find(recorder.ops(), forward, 3)->work.commands, 2u);
    EXPECT_EQ(find(recorder.ops(), backward, 3)->work.commands, 1u);
}

TEST(Recorder, OpsAreSortedByPhaseThenOpAndUnknownPhasesAreOther) {
    Recorder recorder(units());
    recorder.span(dma0, span(0, 1, Activity::busy, 0xfffe, backward));
    recorder.span(dma0, span(1, 2, Activity::busy, 0, backward));
    recorder.span(dma0, span(2, 3, Activity::busy, 7, forward));
    recorder.span(dma0, span(3, 4, Activity::busy, 5, 200));
    std::vector<std::pair<int, int>> keys;
    for (const OpTotals& op : recorder.ops())
        keys.emplace_back(op.phase, op.op);
    EXPECT_THAT(keys, testing::ElementsAre(std::pair(int{COMMAND_PHASE_OTHER}, 5), std::pair(int{forward}, 7),
                                           std::pair(int{backward}, 0), std::pair(int{backward}, 0xfffe)));
}

TEST(Recorder, StepsFollowEachOther) {
    Recorder recorder(units());
    recorder.step_done(0, 3.5f, 1000);
    recorder.step_done(1, 3.25f, 1800);
    recorder.finish(2000);
    const StepLog steps = recorder.take_steps();
    ASSERT_EQ(steps.size(), 2u);
    EXPECT_EQ(steps[0].begin, 0u);
    EXPECT_EQ(steps[1].begin, 1000u);
    EXPECT_EQ(steps[1].end, 1800u);
    EXPECT_EQ(steps[1].loss, 3.25f);
    EXPECT_EQ(recorder.step_count(), 2u);
}

/// The random run with one step fewer is the beginning of the one with all of them, so what the last step did is their
/// difference. Times are held against the step's record.
TEST(Recorder, TheLastStepIsWhatTheRunHasMoreThanOneThatEndedAStepEarlier) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const observe::Result all = a_random_result(seed, 4), before = a_random_result(seed, 3);
        ASSERT_TRUE(all.last_step);
        const LastStep& step = *all.last_step;
        const StepRecord record = all.steps.back();
        EXPECT_EQ(step.time, record.end - record.begin);
        EXPECT_EQ(step.path.total(), step.time);
        ip::Picoseconds time = 0;
        for (const OpTotals& op : step.ops) {
            SCOPED_TRACE("phase " + std::to_string(op.phase) + ", op " + std::to_string(op.op));
            time += op.time;
            const OpTotals* in_all = find(all.ops, op.phase, op.op);
            const OpTotals* earlier = find(before.ops, op.phase, op.op);
            ASSERT_TRUE(in_all && earlier);
            EXPECT_EQ(op.work.commands, in_all->work.commands - earlier->work.commands);
            EXPECT_EQ(op.work.work.macs, in_all->work.work.macs - earlier->work.work.macs);
            EXPECT_EQ(op.path, in_all->path - earlier->path);
        }
        EXPECT_EQ(time, step.time);
        for (ip::UnitId unit = 0; unit < units().size(); ++unit) {
            EXPECT_EQ(step.units[unit].usage.by_activity, record.units[unit].by_activity);
            EXPECT_EQ(step.units[unit].work.commands,
                      all.unit_totals[unit].work.commands - before.unit_totals[unit].work.commands);
            Usage during;
            for (const OpTotals& op : step.ops)
                during += op.during[unit];
            EXPECT_EQ(during.by_activity, record.units[unit].by_activity) << "unit " << unit;
        }
    }
}

TEST(Recorder, WithoutAStepThereIsNoLastOne) {
    EXPECT_FALSE(a_random_result(1, 0).last_step);
    EXPECT_TRUE(a_random_result(1, 1).last_step);
}

TEST(Recorder, PassesEverySpanOnAndRemembersFaults) {
    SpanLog log;
    Recorder recorder(units(), &log);
    recorder.span(matrix, span(0, 5));
    recorder.span(cpu, span(0, 7));
    EXPECT_THAT(log.log, testing::ElementsAre(std::pair(ip::UnitId{matrix}, 5u), std::pair(ip::UnitId{cpu}, 7u)));
    recorder.halted(dma1, 2, 17, 40);
    ASSERT_EQ(recorder.faults().size(), 1u);
    EXPECT_EQ(recorder.faults()[0].unit, dma1);
    EXPECT_EQ(recorder.faults()[0].index, 17u);
}

} // namespace
} // namespace gradus::observe::recorder_test
