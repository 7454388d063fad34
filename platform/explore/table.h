// SPDX-License-Identifier: Apache-2.0
// What a sweep found, for people and for spreadsheets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/explore/database.h"
#include "platform/explore/sweep_file.h"
#include "platform/report/terminal.h"

namespace gradus::explore {

/// Every point: id, status, on the Pareto front or not, the keys that vary, the figures, the message. As RFC 4180 has
/// it. Nothing in it depends on when or how often the sweep was run.
std::string points_csv(const Sweep& sweep, const std::vector<Point>& points);

/// How the points ended; the Pareto front of the objectives (with one objective the best point, with none nothing) or,
/// when no point keeps every constraint, by how much the nearest ones miss; why points have no figures; and the point
/// that is the scenario as it was.
std::string overview(const Sweep& sweep, const std::vector<Point>& points,
                     std::optional<std::int64_t> baseline = std::nullopt, std::size_t width = report::usual_width);

} // namespace gradus::explore
