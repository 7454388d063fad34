// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace gradus::explore {

/// As much of the end of a path as says what it is: "chip.engine.vector.lanes" is "lanes", "chip.dram.base" is
/// "dram.base", because other keys of scenarios end in "base", too. No two of them are the same.
std::vector<std::string> short_names(const std::vector<std::string>& paths);

/// Values of one key, those that are too long without their beginning: "…/ddr4-2400.toml". No two of them are the same.
std::vector<std::string> short_values(const std::vector<std::string>& values);

} // namespace gradus::explore
