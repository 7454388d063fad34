// SPDX-License-Identifier: Apache-2.0
// What a chip's blocks cost, worked out from its parameters and the figures of its technology: energy is linear in what
// is counted and in time,
//
//   energy = sum over counters of count * energy of one + static power * time
//
// and area does not depend on the run. doc/cost.md has the formulas, and what is left out.
#pragma once

#include <vector>

#include "platform/observe/block_power.h"
#include "platform/scenario/parameters.h"

namespace gradus::cost {

enum class StaticKind {
    leakage, ///< of transistors, and of clocks that are never gated; of an FPGA: the whole device
    standby, ///< of DRAM
};

struct FpgaArea {
    double lut = 0;
    double ff = 0;
    double dsp = 0;
    double bram = 0;
    FpgaArea& operator+=(const FpgaArea& other);
};

struct Block : observe::BlockPower {
    StaticKind static_kind = StaticKind::leakage;
    double square_millimetres = 0;
    FpgaArea fpga;
    /// The truth lies between value / factor and value * factor.
    double energy_uncertainty = 1;
    double static_uncertainty = 1;
    double area_uncertainty = 1;
};

/// Energy of a byte read from or written to a macro of that capacity, in pJ: rises with the square root of the
/// capacity, as the length of word and bit lines does.
double sram_byte_energy(const scenario::TechnologyParameters& technology, double capacity);

/// All blocks of the chip. `format`: of the elements that its array is built for.
std::vector<Block> blocks_of(const scenario::ChipParameters& chip, scenario::Format format);
/// Of these what a trace needs to draw their power.
std::vector<observe::BlockPower> power_of(const scenario::ChipParameters& chip, scenario::Format format);

} // namespace gradus::cost
