// SPDX-License-Identifier: Apache-2.0
// The way from one clock domain into another.
//
// A signal is taken over at the first edge of the clock it comes into, and is there after as many cycles of that clock
// as the synchroniser has stages. All clocks have an edge at time 0 and never stop, so that clocks of the same period
// are one clock, and between them nothing is lost. Not modelled: jitter and metastability.
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

/// When what leaves clock `from` at `time` is there in clock `to`.
constexpr Picoseconds cross(Picoseconds time, Clock from, Clock to, Cycles synchroniser_cycles) {
    return from.period == to.period ? time : to.edge(time) + to(synchroniser_cycles);
}

} // namespace gradus::ip
