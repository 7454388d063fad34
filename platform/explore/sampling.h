// SPDX-License-Identifier: Apache-2.0
// The points of a sweep that are known beforehand.
#pragma once

#include <vector>

#include "platform/explore/sweep_file.h"

namespace gradus::explore {

/// For every method but nsga2; of descent those to start from, a Latin hypercube. The same seed gives the same points
/// on every host:
/// - grid: all combinations, the last dimension running fastest
/// - list: as listed
/// - random: every level of a dimension equally likely; a combination may come twice
/// - latin_hypercube: each dimension is cut into as many equal strata as there are points, and every stratum has one of
///   them (McKay, Beckman, Conover, Technometrics 21(2), 1979); a level then occurs as often as any other, give or
///   take one
std::vector<Choice> sampled_points(const Sweep& sweep);

} // namespace gradus::explore
