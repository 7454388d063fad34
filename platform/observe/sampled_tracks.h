// SPDX-License-Identifier: Apache-2.0
// The curves of a trace that are made from samples, averaged from one to the next: the rate of each memory and the
// share of its bandwidth in use, and the power of the chip and of each of its blocks.
//
// A window is written late, when nothing can be added to it any more (sample_windows.h); the events of a file are in no
// order of time.
#pragma once

#include <string>
#include <vector>

#include "platform/observe/block_power.h"
#include "platform/observe/perfetto_events.h"
#include "platform/observe/sample_windows.h"
#include "platform/observe/trace_selection.h"

namespace gradus::observe {

/// What the filter of a trace looks at: "dram" and the other memories; "power total", "power matrix" and so on.
std::vector<std::string> curve_names(const std::vector<BlockPower>& power);

class SampledTracks {
public:
    SampledTracks(const std::vector<BlockPower>& power, const TraceSelection& selection);

    void counted(Counter counter, ip::Picoseconds begin, ip::Picoseconds end, std::int64_t amount) {
        windows_.add(counter, begin, end, amount);
    }
    void sampled(ip::Picoseconds time, PerfettoEvents& events);
    /// Writes what is left. Nothing may follow.
    void run_ended(ip::Picoseconds time, PerfettoEvents& events);

private:
    struct Memory {
        Counter read, written, busy;
        CounterTrack rate, share;
        double booked_ahead; ///< time of a request that was still at work at the last sample
    };
    void write(const SampleWindow& window, PerfettoEvents& events);
    void write_rate(Memory& memory, double read, double written, ip::Picoseconds time, PerfettoEvents& events);
    void write_share(Memory& memory, double share, ip::Picoseconds time, PerfettoEvents& events);
    void write_power(const std::vector<double>& watts, ip::Picoseconds time, PerfettoEvents& events);

    SampleWindows windows_;
    std::vector<Memory> memories_;
    const std::vector<BlockPower> blocks_;
    CounterTrack power_{"power W"};
    std::vector<std::string> power_keys_; ///< of its series: the total and each block; empty: not shown
};

} // namespace gradus::observe
