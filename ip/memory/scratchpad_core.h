// SPDX-License-Identifier: Apache-2.0
// Timing of a banked scratchpad.
//
// Banks are interleaved by bank_bytes: the byte at `offset` lies in bank (offset / bank_bytes) mod banks. Every bank is
// a timeline that serves one access of bank_bytes a cycle, whichever port it comes from. A request occupies exactly the
// banks it touches, each for as many cycles as accesses fall into it; it is complete when the last bank has served it,
// plus `latency` cycles.
//
// Initiators may announce a request a little before it arrives. A request that arrives earlier than one already
// announced is not held up by it: it goes into the idle time before that one, if all of it fits there. Idle times are
// kept for all banks together, and for the last few dozen announcements. Not modelled: limits of the ports themselves
// (an initiator models its own port), and the order of the accesses of one request beyond "every bank as early as it
// can".
#pragma once

#include <optional>
#include <vector>

#include "ip/memory/memory_parameters.h"
#include "ip/memory/memory_timing.h"

namespace gradus::ip {

class ScratchpadCore final : public MemoryTiming {
public:
    ScratchpadCore(const ScratchpadParameters& parameters, Clock clock);

    Picoseconds serve(const MemoryRequest& request) override;
    Picoseconds busy() const override { return clock_(accesses_) / parameters_.banks; }
    double peak_bytes_per_second() const override;

private:
    struct IdleTime {
        Picoseconds begin;
        Picoseconds end;
    };

    void leave_idle(Picoseconds begin, Picoseconds end);
    std::optional<Picoseconds> serve_in_idle_time(Picoseconds arrival, Picoseconds occupancy);
    Picoseconds occupy(std::uint64_t first_bank, std::uint64_t banks, Picoseconds arrival, Picoseconds occupancy);

    const ScratchpadParameters parameters_;
    const Clock clock_;
    std::vector<Picoseconds> free_; ///< per bank; stale while level_
    Picoseconds latest_ = 0;        ///< maximum over the banks
    bool level_ = true;          ///< every bank is free at latest_, so that requests that touch all alike cost no loop
    std::vector<IdleTime> idle_; ///< before latest_, in the order of time: no bank is taken in it
    std::uint64_t accesses_ = 0;
};

} // namespace gradus::ip
