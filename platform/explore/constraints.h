// SPDX-License-Identifier: Apache-2.0
// By how much points miss what a sweep demands of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "platform/explore/database.h"
#include "platform/explore/sweep_file.h"

namespace gradus::explore {

/// How far a point is beyond the constraints: the sum of what it exceeds each by, relative to its limit; 0 for a
/// feasible one.
double violation(const Sweep& sweep, const std::vector<double>& figures);

/// How much room it leaves within the constraints: the sum of how far it stays away from each limit, relative to that;
/// what is beyond one counts against it.
double room_within(const Sweep& sweep, const std::vector<double>& figures);

/// One sentence about the constraints that `figures` break; empty for none:
/// "steady.tokens_per_second = 18310 is not >= 20000 (8.5 % short)".
std::string broken_constraints(const Sweep& sweep, const std::vector<double>& figures);

/// The same for a table that shows the figures: "tokens_per_second 8.5 % short".
std::string misses(const Sweep& sweep, const std::vector<double>& figures);

/// What the points make of a constraint.
struct Demand {
    std::string needs;    ///< "steady.tokens_per_second >= 20000"
    std::size_t kept = 0; ///< by so many of the points that have figures
    std::size_t of = 0;
    std::optional<double> best; ///< figure, of those that do not keep it, when none does
    std::string missed_by;      ///< then "8.5 % short"
};

/// In the order of the constraints.
std::vector<Demand> demands(const Sweep& sweep, const std::vector<Point>& points);

/// Positions of the points that have figures and break a constraint, the nearest first.
std::vector<std::size_t> nearest_misses(const Sweep& sweep, const std::vector<Point>& points);

} // namespace gradus::explore
