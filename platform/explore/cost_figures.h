// SPDX-License-Identifier: Apache-2.0
// What a chip and its step in the long run cost, as a result has it: one table for comparisons and what-ifs.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "platform/explore/compare.h"

namespace gradus::explore {

inline constexpr std::size_t cost_figure_count = 9;

/// In the order of cost_figures(); none: the result has no such figure. An FPGA has no area, older results have fewer.
using CostValues = std::array<std::optional<double>, cost_figure_count>;

struct CostFigure {
    const char* group; ///< of the table of a comparison
    const char* name;
    const char* key; ///< in JSON
    Quantity quantity;
    const char* pointer; ///< into a result
};

const std::array<CostFigure, cost_figure_count>& cost_figures();

CostValues cost_of(const ResultFile& result);

/// Of the figure with that key; none when there is none.
std::optional<double> value_of(const CostValues& cost, const std::string& key);

/// The same for people; "-" when there is none.
std::string text_of(const CostValues& cost, const std::string& key);

/// How much more of a figure `after` has than `before`, relative to that; none when one of them lacks it.
std::optional<double> relative_change(const CostValues& before, const CostValues& after, const std::string& key);

/// Every figure by its key, null for none.
nlohmann::ordered_json as_json(const CostValues& cost);

} // namespace gradus::explore
