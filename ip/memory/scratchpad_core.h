// SPDX-License-Identifier: Apache-2.0
// ScratchpadCore: the timing of a banked scratchpad.
//
// Banks are interleaved by bank_bytes: the byte at `offset` lies in bank (offset / bank_bytes) mod banks. Every bank
// serves one access of bank_bytes a cycle. It does not matter from which port the access comes. A request occupies
// exactly the banks that it touches, and each of them for as many cycles as accesses fall into it. The request is
// complete `latency` cycles after its slowest bank has served it.
//
// Example: 4 banks of 4 bytes, a latency of 1 cycle. Bytes 2 to 17 lie in 5 words, in banks 0, 1, 2, 3 and 0 again.
// Bank 0 takes 2 cycles, so the request is complete after 2 + 1 = 3 cycles.
//
// The order of requests is the order of the calls of serve(). An initiator may announce a request some cycles before it
// arrives: the call comes first, and the arrival time lies in the future. The call then reserves the banks from the
// arrival on, and the time before stays idle. A later call may bring a request that arrives earlier. It takes that idle
// time if all of it fits in there; otherwise it waits until its banks are free behind the announced one. The core keeps
// idle times for all banks together, not for each bank, and it forgets all but the last few dozen.
//
// Example: a request that takes 4 cycles is announced for cycle 10. A second one of 4 cycles arrives at 2 and is served
// in cycles 2 to 5. A third one of 4 cycles arrives at 3 and is served in cycles 6 to 9.
// (Scratchpad.AnAnnouncedRequestDoesNotHoldUpOneThatArrivesBeforeIt)
//
// Not modelled: limits of a port (an initiator models its own port), and the order of the accesses within one request
// (every bank serves its share as early as it can).
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
    std::vector<Picoseconds> free_; ///< when each bank is free; not valid while level_
    Picoseconds latest_ = 0;        ///< when the last bank is free
    bool level_ = true; ///< every bank is free at latest_; a request that touches all banks alike then needs no loop
    std::vector<IdleTime> idle_; ///< spans before latest_ in which no bank is taken, in the order of time
    std::uint64_t accesses_ = 0;
};

} // namespace gradus::ip
