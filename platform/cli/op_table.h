// SPDX-License-Identifier: Apache-2.0
// What `gradus op` prints for people: times and energy, a row a shape.
#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace gradus::cli {

/// On a screen of `width` columns, of `results` as doc/result.md describes them.
std::string op_time_table(const nlohmann::ordered_json& results, std::size_t width);
std::string op_energy_table(const nlohmann::ordered_json& results, std::size_t width);

} // namespace gradus::cli
