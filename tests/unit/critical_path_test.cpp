// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/critical_path.h"

#include <algorithm>
#include <queue>
#include <random>

#include <gmock/gmock.h>

namespace gradus::observe::critical_path_test {
namespace {

using ip::Picoseconds;
using testing::ElementsAre;

constexpr ip::UnitId load = 0, matrix = 1, hart = 2;
constexpr std::uint8_t forward = COMMAND_PHASE_FORWARD;

Picoseconds part(const CriticalPath& path, ip::UnitId unit, PathReason reason) {
    return path.by_unit[unit][static_cast<std::size_t>(reason)];
}

ip::Tag of_op(std::uint32_t op) { return {0, op, COMMAND_NO_LAYER, forward}; }

ip::CommandTimes times(std::uint32_t index, Picoseconds ready, Picoseconds begin, Picoseconds end,
                       command_wait released_by = {}, bool interrupts = false) {
    return {index, ready, begin, end, 0, released_by, interrupts};
}

struct Finder : CriticalPathFinder {
    Finder() : CriticalPathFinder(2, hart, 3) {}
};

TEST(CriticalPath, GoesFromTheStepsEndThroughFencesToTheDoorbellAndTheHart) {
    Finder finder;
    // The hart works until 50, when it has submitted a load of op 4 (at 30) and a product of op 5 (at 50). The load's
    // descriptor is there at 36 and it runs until 136; the product waits for it until then, runs until 336 and wakes
    // the hart, which needs 14 more to end the step.
    finder.submitted(load, 1, 30);
    finder.submitted(matrix, 1, 50);
    finder.awake(0, 50);
    finder.ended(load, of_op(4), times(0, 36, 36, 136));
    finder.ended(matrix, of_op(5), times(0, 56, 136, 336, {load + 1, 1}, true));
    finder.awake(336, 350);
    const CriticalPath path = finder.close_step(350);
    EXPECT_EQ(part(path, hart, PathReason::execute), 14u + 30u);
    EXPECT_EQ(part(path, matrix, PathReason::execute), 200u);
    EXPECT_EQ(part(path, load, PathReason::execute), 100u);
    EXPECT_EQ(part(path, load, PathReason::fetch), 6u);
    EXPECT_EQ(path.total(), 350u);
    EXPECT_THAT(path.by_op,
                ElementsAre(std::pair(std::pair(COMMAND_PHASE_OTHER, COMMAND_NO_OP), 14u),
                            std::pair(std::pair(forward, 4), 30u + 6u + 100u), std::pair(std::pair(forward, 5), 200u)));
}

TEST(CriticalPath, WorkThatHidesBehindOtherWorkIsNotOnIt) {
    Finder finder;
    finder.submitted(load, 1, 10);
    finder.submitted(matrix, 1, 20);
    finder.awake(0, 20);
    finder.ended(load, of_op(0), times(0, 10, 10, 300));
    finder.ended(matrix, of_op(1), times(0, 20, 20, 400, {}, true));
    finder.awake(400, 410);
    const CriticalPath path = finder.close_step(410);
    EXPECT_EQ(path.of_unit(load), 0u);
    EXPECT_EQ(path.of_unit(matrix), 380u);
    EXPECT_EQ(path.of_unit(hart), 30u);
}

TEST(CriticalPath, ACommandFollowsTheOneBeforeItInItsQueue) {
    Finder finder;
    finder.submitted(load, 2, 10);
    finder.awake(0, 12);
    ip::CommandTimes first = times(0, 10, 10, 60);
    first.memory_stall = 20;
    finder.ended(load, of_op(0), first);
    // The second descriptor is fetched late: from 60 to 65 the channel waits for it.
    finder.ended(load, of_op(1), times(1, 65, 65, 100, {}, true));
    finder.awake(100, 100);
    const CriticalPath path = finder.close_step(100);
    EXPECT_EQ(part(path, load, PathReason::execute), 30u + 35u);
    EXPECT_EQ(part(path, load, PathReason::memory), 20u);
    EXPECT_EQ(part(path, load, PathReason::fetch), 5u);
    EXPECT_EQ(path.of_unit(hart), 10u);
}

TEST(CriticalPath, TheHartsTimeBelongsToTheCommandItSubmitsNext) {
    Finder finder;
    for (std::uint32_t i = 0; i < 3; ++i)
        finder.submitted(load, i + 1, 10 * (i + 1) * (i + 1)); // at 10, 40, 90
    finder.awake(0, 90);
    for (std::uint32_t i = 0; i < 3; ++i)
        finder.ended(load, of_op(static_cast<std::uint16_t>(i)),
                     times(i, 10 * (i + 1) * (i + 1), 10 * (i + 1) * (i + 1), 10 * (i + 1) * (i + 1) + 5, {}, i == 2));
    finder.awake(95, 100);
    const CriticalPath path = finder.close_step(100);
    EXPECT_EQ(path.by_op.at({forward, 0}), 10u);
    EXPECT_EQ(path.by_op.at({forward, 1}), 30u);
    EXPECT_EQ(path.by_op.at({forward, 2}), 50u + 5u);
}

TEST(CriticalPath, AHartThatWakesByItselfWaits) {
    Finder finder;
    finder.awake(0, 40);
    finder.awake(90, 100); // a timer, say
    const CriticalPath path = finder.close_step(100);
    EXPECT_EQ(part(path, hart, PathReason::wait), 50u);
    EXPECT_EQ(part(path, hart, PathReason::execute), 50u);
}

TEST(CriticalPath, StartsAnewWithEveryStep) {
    Finder finder;
    finder.awake(0, 10);
    EXPECT_EQ(finder.close_step(10).total(), 10u);
    finder.submitted(load, 1, 15);
    finder.awake(10, 16);
    finder.ended(load, of_op(0), times(0, 20, 20, 30, {}, true));
    finder.awake(30, 31);
    const CriticalPath path = finder.close_step(31);
    EXPECT_EQ(path.total(), 21u);
    EXPECT_EQ(path.of_unit(hart), 6u);
    EXPECT_EQ(part(path, load, PathReason::fetch), 5u);
}

TEST(CriticalPath, RecordsThatContradictThemselvesCannotMakeItLoop) {
    Finder finder;
    finder.submitted(load, 1, 0);
    finder.submitted(matrix, 1, 0);
    finder.ended(load, of_op(0), times(0, 0, 50, 50, {matrix + 1, 1}));
    finder.ended(matrix, of_op(1), times(0, 0, 50, 50, {load + 1, 1}, true));
    finder.awake(50, 60);
    EXPECT_EQ(finder.close_step(60).total(), 60u);
    finder.submitted(load, 2, 60);
    finder.ended(load, of_op(2), times(1, 70, 80, 90, {77, 1234}, true)); // no such queue
    finder.awake(90, 95);
    EXPECT_EQ(finder.close_step(95).total(), 35u);
}

// A made-up chip of several queues with random dependencies, run forwards; its critical path must account for every
// picosecond of every step, whatever piece size it is walked in.
void simulate(unsigned seed, std::size_t limit) {
    std::mt19937 random(seed);
    const std::size_t queues = 1 + random() % 5;
    const auto cpu = static_cast<ip::UnitId>(queues);
    CriticalPathFinder finder(queues, cpu, queues + 1, limit);
    struct Command {
        ip::UnitId queue;
        ip::CommandTimes times;
    };
    std::vector<std::vector<Picoseconds>> end_of(queues); // by index
    Picoseconds now = 0, step_begin = 0;
    for (int step = 0; step < 6; ++step) {
        std::vector<Command> commands;
        const Picoseconds woke = now;
        for (unsigned i = random() % 200; i > 0; --i) {
            now += random() % 40;
            const ip::UnitId queue = random() % queues;
            finder.submitted(queue, static_cast<std::uint32_t>(end_of[queue].size()) + 1, now);
            Command command{queue, {}};
            command.times.index = static_cast<std::uint32_t>(end_of[queue].size());
            const Picoseconds free = end_of[queue].empty() ? 0 : end_of[queue].back();
            command.times.ready = std::max(free, now + random() % 10);
            command.times.begin = command.times.ready;
            const ip::UnitId other = random() % queues;
            if (other != queue && !end_of[other].empty() && random() % 2) {
                const std::size_t index = random() % end_of[other].size();
                if (end_of[other][index] > command.times.begin) {
                    command.times.begin = end_of[other][index];
                    command.times.released_by = {other + 1, static_cast<std::uint32_t>(index) + 1};
                }
            }
            command.times.end = command.times.begin + random() % 90;
            command.times.memory_stall = random() % (command.times.end - command.times.begin + 1);
            end_of[queue].push_back(command.times.end);
            commands.push_back(command);
        }
        Picoseconds drained = now;
        for (const Command& command : commands)
            drained = std::max(drained, command.times.end);
        finder.awake(woke, now);
        std::stable_sort(commands.begin(), commands.end(),
                         [](const Command& a, const Command& b) { return a.times.end < b.times.end; });
        for (Command& command : commands) {
            command.times.interrupts = command.times.end == drained;
            finder.ended(command.queue, of_op(static_cast<std::uint16_t>(random() % 7)), command.times);
        }
        now = drained + 1 + random() % 30;
        finder.awake(drained, now);
        const CriticalPath path = finder.close_step(now);
        EXPECT_EQ(path.total(), now - step_begin) << "step " << step;
        Picoseconds by_op = 0;
        for (const auto& [op, time] : path.by_op)
            by_op += time;
        EXPECT_EQ(by_op, now - step_begin) << "step " << step;
        EXPECT_EQ(part(path, cpu, PathReason::wait), 0u) << "whatever the hart slept for is known";
        step_begin = now;
    }
}

TEST(CriticalPath, AccountsForEveryPicosecondOfRandomSteps) {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        simulate(seed, CriticalPathFinder::most_commands);
    }
}

TEST(CriticalPath, AStepTooLongToKeepIsWalkedInPieces) {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        simulate(seed, 16);
    }
}

} // namespace
} // namespace gradus::observe::critical_path_test
