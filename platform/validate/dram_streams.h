// SPDX-License-Identifier: Apache-2.0
// The request streams of scenarios/validation/dram.csv, played into the DRAM model alone: requests of 64 bytes in
// order, each handed over when the one before has been accepted.
#pragma once

#include <cstdint>
#include <string>

#include "ip/memory/dram_parameters.h"

namespace gradus::validate {

struct DramStreamResult {
    ip::Picoseconds time = 0; ///< of the last data
    double row_hits = 0;      ///< data commands without an ACT of their own, of all
    std::uint64_t bursts = 0;
};

bool is_dram_stream(const std::string& name);
/// `name`: is_dram_stream(). The parameters must have passed find_misfit().
DramStreamResult play_dram_stream(const ip::DramParameters& parameters, const std::string& name);

} // namespace gradus::validate
