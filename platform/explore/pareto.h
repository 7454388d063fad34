// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace gradus::explore {

/// The points, all of whose coordinates are to be small, that no other point dominates: none is at least as small in
/// every coordinate and smaller in one. In the order of the first coordinate, then of the next; equal points are all
/// in.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& points);

} // namespace gradus::explore
