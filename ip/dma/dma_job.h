// SPDX-License-Identifier: Apache-2.0
// A command that a DMA channel is at work on.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ip/common/command_error.h"
#include "ip/common/observer.h"
#include "ip/dma/dma_footprint.h"
#include "ip/dma/dma_parameters.h"
#include "ip/dma/dma_plan.h"

namespace gradus::ip {

struct DmaJob {
    dma_body body{};
    DmaFootprint footprint;
    std::optional<DmaPlan> plan;
    Picoseconds ready = 0; ///< end of the setup
    bool set_up = false;   ///< the setup is over; until then nobody but the holder of the first step works on it
    unsigned active = 0;   ///< steps that have been given out and not ended
    std::vector<std::uint8_t> block; ///< the transposing buffer
    std::optional<CommandError> error;
    CommandWork work;

    void begin(std::uint8_t opcode, const dma_body& command, const DmaParameters& parameters, Picoseconds set_up_at);
    bool has_step() const { return !error && !plan->done() && (active == 0 || (set_up && !plan->next_needs_quiet())); }
    bool given_out() const { return error || plan->done(); }
    bool finished() const { return given_out() && active == 0; }
    void fail(std::uint32_t code, std::uint32_t field) {
        if (!error) error = CommandError{code, field};
    }
};

inline void DmaJob::begin(std::uint8_t opcode, const dma_body& command, const DmaParameters& parameters,
                          Picoseconds set_up_at) {
    body = command;
    footprint = DmaFootprint(opcode, command);
    plan.emplace(opcode, command, parameters.burst_bytes, parameters.align_bytes);
    ready = set_up_at;
    set_up = false;
    error.reset();
    work = {};
}

} // namespace gradus::ip
