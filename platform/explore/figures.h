// SPDX-License-Identifier: Apache-2.0
// Figures of a result, named by dotted paths: "totals.mean_step_ns", "units.matrix.efficiency",
// "scenario.chip.scratchpad.bytes". An element of a list is named by its `name` or `resource`, or by its number from 0.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace gradus::explore {

struct Figures {
    std::vector<double> values; ///< in the order of the paths
    std::string missing;        ///< the first path that names no number and the figures nearest to it; values end there
};

/// The figures at `paths` in a result. true is 1, false is 0.
Figures figures_of(const nlohmann::ordered_json& result, const std::vector<std::string>& paths);

} // namespace gradus::explore
