// SPDX-License-Identifier: Apache-2.0
// The fences of all queues: how many commands each has retired. In hardware a handful of counters and comparators
// beside the queues. A wait for a queue that will never retire enough shows up in `waiting`.
#pragma once

#include <cstdint>
#include <optional>
#include <systemc>
#include <vector>

#include "ip/common/command.h"

namespace gradus::ip {

class FenceBoard {
public:
    explicit FenceBoard(unsigned queues) : fences_(queues) {}

    unsigned queues() const { return static_cast<unsigned>(fences_.size()); }
    std::uint32_t retired(unsigned queue) const { return fences_[queue].retired; }

    void retire(unsigned queue) {
        ++fences_[queue].retired;
        fences_[queue].changed.notify(sc_core::SC_ZERO_TIME);
    }

    bool reached(unsigned queue, std::uint32_t count) const {
        return static_cast<std::int32_t>(fences_[queue].retired - count) >= 0;
    }

    /// Blocks the calling SystemC thread, which executes for queue `waiter`, until `wait` holds.
    void await(unsigned waiter, const command_wait& wait) {
        const unsigned queue = wait.queue_plus_one - 1;
        fences_[waiter].waiting = wait;
        while (!reached(queue, wait.count))
            sc_core::wait(fences_[queue].changed);
        fences_[waiter].waiting.reset();
    }

    /// What the queue waits for right now, if it waits for a fence.
    const std::optional<command_wait>& waiting(unsigned queue) const { return fences_[queue].waiting; }

private:
    struct Fence {
        std::uint32_t retired = 0;
        sc_core::sc_event changed;
        std::optional<command_wait> waiting;
    };
    std::vector<Fence> fences_;
};

} // namespace gradus::ip
