// SPDX-License-Identifier: Apache-2.0
// What every listing of points shows: the keys that vary, the figures, and who is on the Pareto front.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "platform/explore/database.h"
#include "platform/explore/sweep_file.h"

namespace gradus::explore {

/// The Pareto front of the points that are done, as positions in `points`; none without objectives.
std::vector<std::size_t> front_of(const Sweep& sweep, const std::vector<Point>& points);

/// The levels of a point in the order of the dimensions.
std::vector<std::string> levels_of(const Sweep& sweep, const Point& point);

/// Of the figures wanted, those that do not merely repeat a key that varies.
std::vector<std::size_t> telling_figures(const Sweep& sweep, const std::vector<std::string>& figures);

} // namespace gradus::explore
