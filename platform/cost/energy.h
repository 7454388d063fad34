// SPDX-License-Identifier: Apache-2.0
// Energy and power of a run: the blocks' linear cost (model.h), applied to what was counted. The power of a window is
// the same function of the window's counts, so that its integral over time is the energy of the run.
//
// Uncertainty. Every figure states a factor. The range of a sum is that of all its parts being off the same way at
// once: sum of value / factor to sum of value * factor. It is an outer bound, no standard deviation.
#pragma once

#include <vector>

#include "platform/cost/model.h"
#include "platform/observe/activity_recorder.h"

namespace gradus::cost {

struct Range {
    double low = 0;
    double high = 0;
};

/// Joules.
struct Energy {
    double dynamic = 0;
    double at_rest = 0; ///< static power over time
    double total() const { return dynamic + at_rest; }
};

Energy energy_of(const Block& block, const observe::Counts& counts, double seconds);

struct EnergyReport {
    std::vector<Energy> blocks; ///< in the order of the chip's blocks
    double dynamic = 0;         ///< joules, as all of these
    double leakage = 0;
    double standby = 0;
    double total = 0;
    Range range;
};
EnergyReport energy_of(const std::vector<Block>& blocks, const observe::Counts& counts, double seconds);

/// Watts by block, then by window.
std::vector<std::vector<double>> power_over_time(const std::vector<Block>& blocks, const observe::OverTime& over_time,
                                                 ip::Picoseconds run);
/// Of all blocks together in the window where it is most; 0 of a run without windows.
double peak_power(const std::vector<std::vector<double>>& power);

struct AreaReport {
    double square_millimetres = 0;
    FpgaArea fpga;
    Range range; ///< of square_millimetres
};
AreaReport area_of(const std::vector<Block>& blocks);

} // namespace gradus::cost
