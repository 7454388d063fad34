// SPDX-License-Identifier: Apache-2.0
// What the rows of the schema are made of. For schema*.cpp alone.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "platform/scenario/schema.h"

namespace gradus::scenario {

/// The field at the end of a path of members.
template <auto... path>
Field at(Scenario& scenario) {
    return &(scenario.*....*path);
}

struct Range {
    double minimum = 0;
    double maximum = 0;
    bool power_of_two = false;
    bool or_zero = false;
};
constexpr Range powers_of_two(double minimum, double maximum) { return {minimum, maximum, true}; }
constexpr Range or_zero(Range range) { return {range.minimum, range.maximum, range.power_of_two, true}; }

using Reach = Field (*)(Scenario&);

inline constexpr auto chip = &Scenario::chip;

inline Parameter ranged(std::string_view key, std::string_view unit, Range range, Reach field, std::string_view help) {
    return {key, unit, help, field, range.minimum, range.maximum, range.power_of_two, range.or_zero, {}};
}
inline Parameter boolean(std::string_view key, Reach field, std::string_view help) {
    return {key, "", help, field, 0, 1, false, false, {}};
}
inline Parameter text(std::string_view key, double longest, Reach field, std::string_view help) {
    return {key, "", help, field, 0, longest, false, false, {}};
}
inline Parameter choice(std::string_view key, std::vector<std::string_view> choices, Reach field,
                        std::string_view help) {
    return {key, "", help, field, 0, 0, false, false, std::move(choices)};
}

inline constexpr double kibi = 1024;
inline constexpr double mebi = 1024 * kibi;
inline constexpr double gibi = 1024 * mebi;

// Upper ends are far beyond any chip or model, yet small enough that no product of them overflows 64 bits on its own.
inline constexpr Range instruction_cycles{1, 1000};
inline constexpr Range path_cycles{0, 10'000};
inline constexpr Range width_of_a_port = powers_of_two(4, 4096);
inline constexpr Range engine_port_bytes = powers_of_two(4, 65536); // of 1,024 x 1,024 cells or 4,096 lanes
inline constexpr Range megahertz{1, 10'000};
inline constexpr double longest_name = 100;
inline constexpr double longest_path = 1000;
inline constexpr double longest_alphabet = 65'536;
inline constexpr double largest_seed = 9007199254740992.0; // 2^53

/// Those of chip.dram.
std::vector<Parameter> dram_parameters();
std::vector<Parameter> dram_energy_parameters();
/// Those of chip.technology.
std::vector<Parameter> technology_parameters();

} // namespace gradus::scenario
