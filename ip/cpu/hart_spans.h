// SPDX-License-Identifier: Apache-2.0
// Turns a hart's time into a bounded number of spans. Firmware that polls a device alternates between busy and stalled
// every few instructions; one span each would drown a trace. So time is gathered by cells of a fixed grid: a cell that
// holds both becomes one busy span followed by one stall_bus span. Sums are exact; within a cell the order is not. What
// reaches the observer depends on the hart's time only, not on how often or in what pieces it is added.
#pragma once

#include "ip/common/observer.h"

namespace gradus::ip {

class HartSpans {
public:
    static constexpr Picoseconds cell =
        250'000'000; ///< 250 us: at most eight spans a millisecond of uninterrupted work

    HartSpans(UnitId unit, Observer& observer) : unit_(unit), observer_(observer) {}

    /// Time [begin, end) of busy or stall_bus. Begins where the last one ended, or later after flush().
    void add(Picoseconds begin, Picoseconds end, Activity activity);
    /// Reports what is gathered: before idle time, and at the end.
    void flush();
    /// Of all time added from now on.
    void set_tag(const Tag& tag);

private:
    const UnitId unit_;
    Observer& observer_;
    Tag tag_;
    Picoseconds begin_ = 0, busy_ = 0, stalled_ = 0;
};

} // namespace gradus::ip
