// SPDX-License-Identifier: Apache-2.0
// The fences of all queues: how many commands each has retired since it was last rewound. In hardware a handful of
// counters and comparators beside the queues. A wait for a queue that will never retire enough shows up in `waiting`.
//
// A queue sees the fence of another one on a different clock as late as clock_crossing.h says.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <systemc>
#include <vector>

#include "ip/common/clock_crossing.h"
#include "ip/common/command.h"
#include "ip/common/transport.h"

namespace gradus::ip {

class FenceBoard {
public:
    explicit FenceBoard(unsigned queues, Cycles crossing_cycles = 2)
        : fences_(queues), crossing_cycles_(crossing_cycles) {}

    /// Each queue says on which clock it runs.
    void set_clock(unsigned queue, Clock clock) { fences_[queue].clock = clock; }

    unsigned queues() const { return static_cast<unsigned>(fences_.size()); }
    std::uint32_t retired(unsigned queue) const { return fences_[queue].retired; }
    /// What the queue had retired in all when it was last rewound: what observers count goes on from there.
    std::uint32_t before(unsigned queue) const { return fences_[queue].before; }

    /// The queue counts from 0 again. Nobody waits for it.
    void rewind(unsigned queue) {
        Fence& fence = fences_[queue];
        fence.before += fence.retired;
        fence.retired = 0;
        fence.times = {}; // that it has retired nothing is no news
    }

    void retire(unsigned queue) {
        Fence& fence = fences_[queue];
        ++fence.retired;
        fence.times[fence.retired % fence.times.size()] = now();
        fence.changed.notify(); // at once: whoever waits looks at the count itself
    }

    bool reached(unsigned queue, std::uint32_t count) const {
        return static_cast<std::int32_t>(fences_[queue].retired - count) >= 0;
    }

    /// Whether queue `waiter` has seen before this instant that `wait` holds: what else happens now does not matter.
    bool held(unsigned waiter, const command_wait& wait) const {
        return reached(wait.queue_plus_one - 1, wait.count) && seen_at(waiter, wait) < now();
    }

    /// Blocks the calling SystemC thread, which executes for queue `waiter`, until `wait` holds.
    void await(unsigned waiter, const command_wait& wait) {
        const unsigned queue = wait.queue_plus_one - 1;
        fences_[waiter].waiting = wait;
        while (!reached(queue, wait.count))
            sc_core::wait(fences_[queue].changed);
        wait_until(seen_at(waiter, wait));
        fences_[waiter].waiting.reset();
    }

    /// What the queue waits for right now, if it waits for a fence.
    const std::optional<command_wait>& waiting(unsigned queue) const { return fences_[queue].waiting; }

private:
    struct Fence {
        std::uint32_t retired = 0;
        std::uint32_t before = 0;
        Clock clock;
        /// When `retired` became what it is, and what it was before: more than can retire while a fence crosses.
        std::array<Picoseconds, 8> times{};
        sc_core::sc_event changed;
        std::optional<command_wait> waiting;
    };

    /// Of a wait that is reached.
    Picoseconds seen_at(unsigned waiter, const command_wait& wait) const {
        const Fence& fence = fences_[wait.queue_plus_one - 1];
        const std::uint32_t known = static_cast<std::uint32_t>(fence.times.size());
        const std::uint32_t count = fence.retired - wait.count < known ? wait.count : fence.retired + 1;
        return cross(fence.times[count % known], fence.clock, fences_[waiter].clock, crossing_cycles_);
    }

    std::vector<Fence> fences_;
    const Cycles crossing_cycles_;
};

} // namespace gradus::ip
