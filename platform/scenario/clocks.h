// SPDX-License-Identifier: Apache-2.0
// What keys mean whose 0 is "as the others".
#pragma once

#include "platform/scenario/parameters.h"

namespace gradus::scenario {

/// What the keys of the clock domains ask for, in MHz; the clocks below are what they get.
inline double fabric_mhz(const ChipParameters& chip) {
    return chip.fabric_clock_mhz > 0 ? chip.fabric_clock_mhz : chip.clock_mhz;
}
inline double dma_mhz(const ChipParameters& chip) {
    return chip.dma_clock_mhz > 0 ? chip.dma_clock_mhz : chip.clock_mhz;
}
inline double engine_mhz(const ChipParameters& chip) {
    return chip.engine_clock_mhz > 0 ? chip.engine_clock_mhz : chip.clock_mhz;
}

/// The clock domains of a chip. The DRAM has its own clock inside its controller.
inline ip::Clock chip_clock(const ChipParameters& chip) { return ip::Clock::from_megahertz(chip.clock_mhz); }
inline ip::Clock fabric_clock(const ChipParameters& chip) { return ip::Clock::from_megahertz(fabric_mhz(chip)); }
inline ip::Clock dma_clock(const ChipParameters& chip) { return ip::Clock::from_megahertz(dma_mhz(chip)); }
/// Matrix unit, vector unit and scratchpad.
inline ip::Clock engine_clock(const ChipParameters& chip) { return ip::Clock::from_megahertz(engine_mhz(chip)); }

/// Bytes a cycle of a port of the fabric, or of a DMA channel, whose own key says `bytes`.
inline ip::Bytes port_bytes(const ChipParameters& chip, ip::Bytes bytes) {
    return bytes ? bytes : chip.fabric.port_bytes;
}

/// The same chip, with the width of every port in its key instead of 0.
inline ChipParameters with_explicit_ports(ChipParameters chip) {
    for (ip::Bytes* const port :
         {&chip.fabric_ports.sram, &chip.fabric_ports.scratchpad, &chip.fabric_ports.dram, &chip.dma.port_bytes})
        *port = port_bytes(chip, *port);
    chip.matrix.port_bytes = ip::port_bytes(chip.matrix);
    chip.vector.port_bytes = ip::port_bytes(chip.vector);
    return chip;
}

} // namespace gradus::scenario
