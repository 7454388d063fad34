// SPDX-License-Identifier: Apache-2.0
// What a trace hears of a run: what units report, as it happens, and more that only whoever runs the chip knows.
// Writers of traces implement what they need; nothing they do is seen by the simulation.
#pragma once

#include <cstdint>
#include <optional>

#include "ip/common/observer.h"
#include "platform/observe/activity_counters.h"

namespace gradus::observe {

class TraceSink {
public:
    virtual ~TraceSink() = default;
    // As in ip::Observer; what a command amounted to is known before the spans of its execution are.
    virtual void span(ip::UnitId, const ip::Span&) {}
    virtual void submitted(ip::UnitId, std::uint32_t /*count*/, ip::Picoseconds /*time*/) {}
    virtual void retired(ip::UnitId, const ip::Tag&, const ip::CommandWork&) {}
    virtual void ended(ip::UnitId, const ip::Tag&, const ip::CommandTimes&) {}

    // Of the activity recorder. Commands are counted when they end, over the time of their execution; what hardware
    // counts, from one sample to the next. Less than nothing takes back what was counted too much.
    virtual void counted(Counter, ip::Picoseconds /*begin*/, ip::Picoseconds /*end*/, std::int64_t /*amount*/) {}
    /// All that hardware has counted until `time` is known; now and then, and when the run ends.
    virtual void sampled(ip::Picoseconds /*time*/) {}
    /// A step that began where the one before, or the validation behind that, ended. No loss: no numbers are computed.
    virtual void step_done(std::uint32_t /*step*/, std::optional<float> /*loss*/, ip::Picoseconds /*time*/) {}
    /// After that step, which ended where this began; the next one begins at `time`.
    virtual void validated(std::uint32_t /*step*/, std::optional<float> /*loss*/, ip::Picoseconds /*time*/) {}
    /// Nothing follows.
    virtual void run_ended(ip::Picoseconds /*time*/) {}
};

} // namespace gradus::observe
