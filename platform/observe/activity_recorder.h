// SPDX-License-Identifier: Apache-2.0
// What every unit did, and how often everything happened, over the time of the run.
//
// Two sources. Commands say what they amounted to; that is spread over the time of their execution. What only the
// hardware counts is read now and then, while the simulation is in a call that it makes anyway: never by an event of
// its own, so that being watched changes no simulated time. This sample is the only one: a trace is made from it, too,
// and it is taken whether there is a trace or not.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ip/common/observer.h"
#include "platform/observe/activity_counters.h"
#include "platform/observe/activity_windows.h"
#include "platform/observe/time_accounts.h"
#include "platform/observe/trace_sink.h"

namespace gradus::observe {

/// The run in windows of `window` each, the last one perhaps shorter. For every unit and counter the sum over all
/// windows is the total of the run.
struct OverTime {
    ip::Picoseconds window = 0;
    std::vector<std::vector<Usage>> units; ///< by unit, then by window
    std::vector<Counts> counts;            ///< by window
    Counts total;
    Counts training;  ///< of all steps
    Counts last_step; ///< of it alone
};

/// What hardware counts so far. None of it may change what the hardware does next.
class CounterSource {
public:
    virtual ~CounterSource() = default;
    /// Sets the counters of memories and fabric.
    virtual void read_memories(Counts& counts) const = 0;
    /// Exact while the hart stands at the kernel's time: in what it does to devices.
    virtual std::uint64_t instructions() const = 0;
};

class ActivityRecorder {
public:
    /// `gathers[unit]`: see time_accounts.h. A sample is taken at the first call behind the end of a window, and at the
    /// first one `sample_interval` after the last. `sink` hears what is counted; it may be null and must outlive the
    /// recorder.
    ActivityRecorder(std::vector<bool> gathers, ip::Picoseconds sample_interval, TraceSink* sink = nullptr);

    /// Spans of a unit must not overlap and come in order.
    void span(ip::UnitId unit, const ip::Span& span);
    /// A command retired, at `end`, which is the kernel's time.
    void work(const ip::CommandWork& work, ip::Picoseconds begin, ip::Picoseconds end, const CounterSource& source);
    /// The hart rang a doorbell.
    void doorbell(ip::Picoseconds now, const CounterSource& source);
    void step_done(ip::Picoseconds now, const CounterSource& source);
    /// What was counted since the last step is no step's.
    void validated(ip::Picoseconds now, const CounterSource& source);
    /// The run ends. Nothing may follow.
    OverTime finish(ip::Picoseconds now, const CounterSource& source);

private:
    std::size_t row(ip::UnitId unit, ip::Activity activity) const {
        return unit * static_cast<std::size_t>(ip::activity_count) + static_cast<std::size_t>(activity);
    }
    std::size_t row(Counter counter) const { return first_counter_ + static_cast<std::size_t>(counter); }
    void count(Counter counter, ip::Picoseconds begin, ip::Picoseconds end, std::uint64_t amount);
    bool due(ip::Picoseconds read, ip::Picoseconds now) const {
        return now - read >= sample_interval_ || !windows_.same_window(read, now);
    }
    void read_memories(ip::Picoseconds now, const CounterSource& source);
    void read_hart(ip::Picoseconds now, const CounterSource& source);
    void release(ip::UnitId unit);

    const std::vector<bool> gathers_;
    const ip::Picoseconds sample_interval_;
    TraceSink* const sink_;
    const std::size_t first_counter_;
    ActivityWindows windows_;
    std::vector<ip::Span> held_; ///< of a unit that gathers: busy time that a stall may follow
    Counts total_, training_, last_step_;
    Counts step_begin_; ///< total_ there
    Counts validation_;
    ip::Picoseconds memories_read_ = 0, hart_read_ = 0; ///< when
};

} // namespace gradus::observe
