// SPDX-License-Identifier: Apache-2.0
// What a clock costs, and where it ends. At nominal voltage every kind of block reaches a frequency of its own. Beyond
// it the chip's one supply has to be higher, by the alpha-power law (Sakurai and Newton, IEEE JSSC 25(2), 1990),
//
//   frequency ~ (voltage - threshold)^alpha / voltage
//
// up to the voltage that the process allows. Then dynamic energy rises as voltage^2, leakage as voltage (Butts and
// Sohi, MICRO 2000), and the logic of a block that runs beyond its nominal frequency is larger. Up to the nominal
// frequency nothing changes: a lower voltage for a slower clock is not modelled. doc/cost.md has an example.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/scenario/parameters.h"

namespace gradus::cost {

struct BlockClock {
    std::string_view name; ///< as in the list of blocks: "matrix", "scratchpad"
    double mhz = 0;        ///< of its clock domain
    double nominal_mhz = 0;
    double highest_mhz = 0;
    bool beyond() const { return mhz > highest_mhz; }
};

struct ChipClocks {
    std::vector<BlockClock> blocks;
    double volts = 0;       ///< that the block furthest beyond its nominal frequency needs; at most the highest
    double uncertainty = 1; ///< the truth is between a limit / factor and limit * factor
};
ChipClocks clocks_of(const scenario::ChipParameters& chip);

/// What a block's figures at nominal voltage are to be multiplied with; 1 for one that the supply does not feed, as the
/// DRAM's interface. Beyond the highest frequency they are those at it.
struct ClockFactors {
    double dynamic = 1;
    double leakage = 1;
    double logic_area = 1;
};
ClockFactors clock_factors(const scenario::TechnologyParameters& technology, const ChipClocks& clocks,
                           std::string_view block);

/// One sentence about all blocks beyond their highest frequency; nothing when there is none.
std::optional<std::string> clock_warning(const scenario::ChipParameters& chip);

} // namespace gradus::cost
