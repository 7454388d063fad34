// SPDX-License-Identifier: Apache-2.0
// What bounds the chip, as one sentence: over a run, or over a step of it (last_step.h).
//
// A resource bounds a run when it is taken for most of it: whatever else got faster, the run could not become much
// shorter. Taken is, as a share of the run,
//   hart           executing, or waiting for the bus (asleep, it waits for the others)
//   dma, engines   executing a command, which includes waiting for its operands
//   a memory       its data bus is transferring, or bytes / peak bandwidth where that is more
// The resource that is taken most bounds the run if it is taken at least `bound_share` of it; a channel or an engine
// that waits for a memory hands the blame on to that memory, and a channel to a fabric whose port is that full. If no
// resource is, the phases are looked at one by one: forward may be bound by compute and update by bandwidth. If that
// explains less than half of the run, latency and dependencies do: work moves from unit to unit with none of them full,
// and the critical path says through which.
#pragma once

#include <string>

#include "platform/observe/result.h"

namespace gradus::report {

inline constexpr double bound_share = 0.70;

std::string verdict(const observe::Result& result);

} // namespace gradus::report
