// SPDX-License-Identifier: Apache-2.0
// A step in the long run: what training goes on to take when the chip has booted and its first step is done. It is the
// last step, which is like all that follow once steps repeat; `repeats` says whether they do yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/report/cost.h"

namespace gradus::report {

struct SteadyStep {
    std::size_t number = 1;    ///< how many steps there were; the first holds boot, so that two say little
    ip::Picoseconds first = 0; ///< from reset to the end of the first step: the firmware boots, and plans its tiles
    ip::Picoseconds time = 0;  ///< of the last step
    /// How much longer the last step took than the one before it, relative to that; nothing after a single step.
    std::optional<double> change;
    bool repeats = false;         ///< the change is below one percent, up or down
    double tokens_per_second = 0; ///< simulated
    std::uint64_t macs = 0;       ///< all below: of the last step alone
    std::uint64_t instructions = 0;
    std::uint64_t commands = 0;
    std::uint64_t doorbells = 0;
    ip::Bytes dram_bytes = 0;
    StepCost cost;
    double token_joules = 0;
    double chip_token_joules = 0; ///< without the DRAM
    double tokens_per_joule = 0;
    std::uint64_t recomputed_macs = 0; ///< of macs: of operators that ran again for the backward pass
    /// Multiply-accumulates beside what all arrays could have done in that time, an element each a cycle: those that
    /// the model needs (model FLOPs utilisation), and all of them (hardware FLOPs utilisation).
    double flop_utilisation = 0;
    double hardware_flop_utilisation = 0;
    /// Tokens a second for each mm² of the chip; none where its area is not known (an FPGA).
    std::optional<double> tokens_per_second_mm2;
};

/// Of a run with at least one step.
SteadyStep steady_step(const observe::Result& result, const schedule::Schedule& schedule);

/// "steady" when steps repeat, else what is in the way.
std::string steadiness(const SteadyStep& step);

} // namespace gradus::report
