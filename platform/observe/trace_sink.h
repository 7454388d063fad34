// SPDX-License-Identifier: Apache-2.0
// What a trace hears of a run: what units report, as it happens, and more that only whoever runs the chip knows.
// Writers of traces implement what they need; nothing they do is seen by the simulation.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ip/common/observer.h"

namespace gradus::observe {

struct MemoryTotals;

class TraceSink {
public:
    virtual ~TraceSink() = default;
    // As in ip::Observer.
    virtual void span(ip::UnitId, const ip::Span&) {}
    virtual void submitted(ip::UnitId, std::uint32_t /*count*/, ip::Picoseconds /*time*/) {}
    virtual void retired(ip::UnitId, const ip::Tag&, const ip::CommandWork&) {}
    virtual void ended(ip::UnitId, const ip::Tag&, const ip::CommandTimes&) {}

    /// What each memory has done until `time`; now and then, when commands end, and when the run does.
    virtual void memories(ip::Picoseconds /*time*/, const std::vector<MemoryTotals>&) {}
    /// A step that began where the one before ended. No loss: no numbers are computed.
    virtual void step_done(std::uint32_t /*step*/, std::optional<float> /*loss*/, ip::Picoseconds /*time*/) {}
    /// Nothing follows.
    virtual void run_ended(ip::Picoseconds /*time*/) {}
};

} // namespace gradus::observe
