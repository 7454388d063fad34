// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/critical_path.h"

#include <algorithm>
#include <numeric>

namespace gradus::observe {

ip::Picoseconds CriticalPath::of_unit(ip::UnitId unit) const {
    return std::accumulate(by_unit[unit].begin(), by_unit[unit].end(), ip::Picoseconds{0});
}

ip::Picoseconds CriticalPath::total() const {
    ip::Picoseconds sum = 0;
    for (ip::UnitId unit = 0; unit < by_unit.size(); ++unit)
        sum += of_unit(unit);
    return sum;
}

CriticalPath& CriticalPath::operator+=(const CriticalPath& other) {
    by_unit.resize(std::max(by_unit.size(), other.by_unit.size()));
    for (std::size_t unit = 0; unit < other.by_unit.size(); ++unit)
        for (int reason = 0; reason < path_reason_count; ++reason)
            by_unit[unit][reason] += other.by_unit[unit][reason];
    for (const auto& [op, time] : other.by_op)
        by_op[op] += time;
    return *this;
}

CriticalPathFinder::CriticalPathFinder(std::size_t queues, ip::UnitId hart, std::size_t units, std::size_t limit)
    : limit_(limit), hart_(hart), units_(units), queues_(queues), path_(empty_path()) {}

CriticalPath CriticalPathFinder::empty_path() const {
    CriticalPath path;
    path.by_unit.resize(units_);
    return path;
}

void CriticalPathFinder::submitted(ip::UnitId queue, std::uint32_t count, ip::Picoseconds time) {
    Queue& here = queues_[queue];
    for (; here.submitted != count; ++here.submitted) {
        here.doorbells.push_back(time);
        doorbells_.push_back({time, queue, here.submitted});
    }
}

void CriticalPathFinder::ended(ip::UnitId queue, const ip::Tag& tag, const ip::CommandTimes& times) {
    Queue& here = queues_[queue];
    Command command{times, times.ready, order_++, tag.op, tag.phase};
    if (!here.doorbells.empty()) {
        command.doorbell = here.doorbells.front();
        here.doorbells.pop_front();
    }
    if (times.interrupts) interrupts_.push_back({times.end, queue, times.index});
    here.commands.push_back(command);
    if (++kept_ < limit_) return;
    const Command& last = here.commands.back();
    walk({times.end, queue, &last, last.phase, last.op, order_});
    forget(times.end);
}

void CriticalPathFinder::awake(ip::Picoseconds begin, ip::Picoseconds end) {
    if (begin > awake_until_) sleeps_.push_back({awake_until_, begin});
    awake_until_ = end;
}

CriticalPath CriticalPathFinder::close_step(ip::Picoseconds time) {
    walk({time, hart_, nullptr, COMMAND_PHASE_OTHER, COMMAND_NO_OP, order_});
    forget(time);
    return std::exchange(path_, empty_path());
}

void CriticalPathFinder::forget(ip::Picoseconds time) {
    floor_ = std::max(floor_, time);
    kept_ = 0;
    for (Queue& queue : queues_)
        queue.commands.clear();
    doorbells_.clear();
    interrupts_.clear();
    sleeps_.clear();
}

const CriticalPathFinder::Command* CriticalPathFinder::find(ip::UnitId queue, std::uint32_t index) const {
    if (queue >= queues_.size()) return nullptr;
    const std::vector<Command>& commands = queues_[queue].commands;
    if (commands.empty()) return nullptr;
    const std::uint32_t position = index - commands.front().times.index;
    return position < commands.size() ? &commands[position] : nullptr;
}

void CriticalPathFinder::book(Place& place, ip::UnitId unit, PathReason reason, ip::Picoseconds back_to) {
    const ip::Picoseconds to = std::max(back_to, floor_);
    if (to >= place.time) return;
    path_.by_unit[unit][static_cast<std::size_t>(reason)] += place.time - to;
    path_.by_op[{place.phase, place.op}] += place.time - to;
    place.time = to;
}

// Causes retire before what they cause; a record that says otherwise is not followed.
bool CriticalPathFinder::enter(Place& place, ip::UnitId queue, const Command* command) const {
    if (!command || command->order >= place.order || command->times.end > place.time) return false;
    place = {place.time, queue, command, command->phase, command->op, command->order};
    return true;
}

void CriticalPathFinder::walk(Place place) {
    while (place.time > floor_) {
        if (place.command)
            walk_command(place);
        else
            walk_hart(place);
    }
}

void CriticalPathFinder::walk_hart(Place& place) {
    const auto behind = std::upper_bound(sleeps_.begin(), sleeps_.end(), place.time,
                                         [](ip::Picoseconds time, const Sleep& sleep) { return time < sleep.end; });
    if (behind == sleeps_.begin()) return walk_issue(place, floor_);
    const Sleep& sleep = *(behind - 1);
    walk_issue(place, sleep.end);
    const auto later =
        std::upper_bound(interrupts_.begin(), interrupts_.end(), sleep.end,
                         [](ip::Picoseconds time, const Event& interrupt) { return time < interrupt.time; });
    if (later != interrupts_.begin() && (later - 1)->time >= sleep.begin) {
        const Event& alarm = *(later - 1);
        book(place, hart_, PathReason::execute, alarm.time);
        if (enter(place, alarm.queue, find(alarm.queue, alarm.index))) return;
    }
    book(place, hart_, PathReason::wait, sleep.begin);
}

void CriticalPathFinder::walk_issue(Place& place, ip::Picoseconds back_to) {
    auto earlier = std::lower_bound(doorbells_.begin(), doorbells_.end(), place.time,
                                    [](const Event& doorbell, ip::Picoseconds time) { return doorbell.time < time; });
    while (earlier != doorbells_.begin() && (--earlier)->time > back_to) {
        book(place, hart_, PathReason::execute, earlier->time);
        if (const Command* command = find(earlier->queue, earlier->index)) {
            place.phase = command->phase;
            place.op = command->op;
        }
    }
    book(place, hart_, PathReason::execute, back_to);
}

void CriticalPathFinder::walk_command(Place& place) {
    const Command& command = *place.command;
    const ip::CommandTimes& times = command.times;
    book(place, place.queue, PathReason::memory, times.end - times.memory_stall);
    book(place, place.queue, PathReason::execute, times.begin);
    if (place.time <= floor_) return;
    const command_wait& wait = times.released_by;
    if (wait.queue_plus_one) {
        if (enter(place, wait.queue_plus_one - 1, find(wait.queue_plus_one - 1, wait.count - 1))) return;
        return book(place, place.queue, PathReason::wait, floor_);
    }
    const Command* before = find(place.queue, times.index - 1);
    const ip::Picoseconds free = before ? before->times.end : floor_;
    book(place, place.queue, PathReason::fetch, std::max(free, command.doorbell));
    if (command.doorbell <= free && enter(place, place.queue, before)) return;
    if (place.time <= floor_) return;
    place.command = nullptr;
}

} // namespace gradus::observe
