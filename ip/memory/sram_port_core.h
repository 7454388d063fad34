// SPDX-License-Identifier: Apache-2.0
// SramPortCore: the timing of the SRAM's port towards the data fabric. The port moves port_bytes a cycle.
//
// A request occupies the port for one cycle per aligned word of port_bytes that it touches. It begins when it arrives,
// or when the port is free, whichever is later. It is complete `latency` cycles after its last word.
//
// Example: 16 bytes a cycle, a latency of 1 cycle. A request of 128 bytes at cycle 0 occupies cycles 0 to 7 and is
// complete at 9. A request of 17 bytes that arrives at cycle 1 waits until 8. It touches two words, so it occupies
// cycles 8 and 9 and is complete at 11. (SramPort.MovesItsWidthACycleAndAddsLatency)
//
// Not modelled: conflicts with the hart, which has a port of its own.
#pragma once

#include "ip/common/timeline.h"
#include "ip/memory/memory_parameters.h"
#include "ip/memory/memory_timing.h"

namespace gradus::ip {

class SramPortCore final : public MemoryTiming {
public:
    SramPortCore(const SramParameters& parameters, Clock clock) : parameters_(parameters), clock_(clock) {}

    Picoseconds serve(const MemoryRequest& request) override;
    Picoseconds busy() const override { return port_.busy(); }
    double peak_bytes_per_second() const override;

private:
    const SramParameters parameters_;
    const Clock clock_;
    Timeline port_;
};

} // namespace gradus::ip
