// SPDX-License-Identifier: Apache-2.0
// Timing of the SRAM's port towards the data fabric: one timeline that moves port_bytes a cycle.
//
// A request occupies the port for a cycle per aligned word of port_bytes that it touches, from max(arrival, free) on,
// and is complete `latency` cycles after its last beat. Not modelled: conflicts with the hart, which has a port of its
// own.
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
