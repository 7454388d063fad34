// SPDX-License-Identifier: Apache-2.0
// What a block of the chip takes: energy is linear in what is counted, and in time. platform/cost says how much.
#pragma once

#include <array>
#include <string>

#include "platform/observe/activity_counters.h"

namespace gradus::observe {

struct BlockPower {
    std::string name; ///< "matrix", "vector", "scratchpad", "sram", "fabric", "dma", "cpu", "dram", "device"
    std::array<double, counter_count> picojoules{}; ///< of one event, by counter
    double static_watts = 0;

    double& of(Counter counter) { return picojoules[static_cast<std::size_t>(counter)]; }
    double of(Counter counter) const { return picojoules[static_cast<std::size_t>(counter)]; }

    /// Of `counts[Counter]` events, in joules, without static power.
    template <class CountsOfEvents>
    double dynamic_joules(const CountsOfEvents& counts) const {
        double joules = 0;
        for (std::size_t i = 0; i < counter_count; ++i)
            joules += picojoules[i] * 1e-12 * static_cast<double>(counts[static_cast<Counter>(i)]);
        return joules;
    }
};

} // namespace gradus::observe
