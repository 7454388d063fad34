// SPDX-License-Identifier: Apache-2.0
// A shared resource as a timeline: a request that arrives at `t` starts at max(t, free) and moves `free`.
#pragma once

#include <algorithm>

#include "ip/common/units.h"

namespace gradus::ip {

class Timeline {
public:
    /// Reserves the resource for `occupancy` from `arrival` on, or from when it is free. Returns the start.
    Picoseconds reserve(Picoseconds arrival, Picoseconds occupancy) {
        const Picoseconds start = std::max(arrival, free_);
        free_ = start + occupancy;
        busy_ += occupancy;
        return start;
    }
    Picoseconds free() const { return free_; }
    /// Total time reserved so far.
    Picoseconds busy() const { return busy_; }

private:
    Picoseconds free_ = 0;
    Picoseconds busy_ = 0;
};

} // namespace gradus::ip
