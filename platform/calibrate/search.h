// SPDX-License-Identifier: Apache-2.0
// Finds the values of a few parameters that make an objective small: compass search (Kolda, Lewis, Torczon, SIAM Review
// 45(3), 2003), by pagmo. Most parameters of a chip are whole cycles, so the objective is a staircase without slopes,
// and an evaluation is a set of simulations: a search that takes steps along each axis, halves them when none helps,
// starts from the description and never leaves the range is what that asks for. Without any randomness.
#pragma once

#include <functional>
#include <vector>

namespace gradus::calibrate {

struct Interval {
    double start = 0;
    double least = 0;
    double most = 0;
};

using Objective = std::function<double(const std::vector<double>&)>;

/// The best point found; `start` of each interval lies in it. At most `evaluations` calls of the objective (and one
/// more step of the search). What the objective throws passes through.
std::vector<double> compass_search(const std::vector<Interval>& intervals, const Objective& objective,
                                   unsigned evaluations);

} // namespace gradus::calibrate
