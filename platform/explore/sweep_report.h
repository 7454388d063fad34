// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/explore/database.h"
#include "platform/explore/sweep_file.h"

namespace gradus::explore {

/// sweep.html: what was asked, trade-offs, parallel coordinates and a table of all points, as one file that needs no
/// other. `baseline`: the point that is the scenario as it was.
std::string sweep_report(const Sweep& sweep, const std::vector<Point>& points, std::optional<std::int64_t> baseline);

} // namespace gradus::explore
