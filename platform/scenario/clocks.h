// SPDX-License-Identifier: Apache-2.0
// What keys mean whose 0 is "as the others".
#pragma once

#include "platform/scenario/parameters.h"

namespace gradus::scenario {

/// The clock domains of a chip, in MHz. The DRAM has its own clock inside its controller.
inline double fabric_mhz(const ChipParameters& chip) {
    return chip.fabric_clock_mhz > 0 ? chip.fabric_clock_mhz : chip.clock_mhz;
}
inline double dma_mhz(const ChipParameters& chip) {
    return chip.dma_clock_mhz > 0 ? chip.dma_clock_mhz : chip.clock_mhz;
}
/// Matrix unit, vector unit and scratchpad.
inline double engine_mhz(const ChipParameters& chip) {
    return chip.engine_clock_mhz > 0 ? chip.engine_clock_mhz : chip.clock_mhz;
}

/// Bytes a cycle of a port of the fabric, or of a DMA channel, whose own key says `bytes`.
inline ip::Bytes port_bytes(const ChipParameters& chip, ip::Bytes bytes) {
    return bytes ? bytes : chip.fabric.port_bytes;
}

} // namespace gradus::scenario
