// SPDX-License-Identifier: Apache-2.0
// Searches for the best values of a few variables, by pagmo. Loading pagmo takes 20 ms and 30 MB, more than most
// commands take by themselves; so it stands in a module beside the program, which the first search loads.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace gradus::search {

struct Interval {
    double start = 0;
    double least = 0;
    double most = 0;
};

using Objective = std::function<double(const std::vector<double>&)>;

/// The values that make an objective small: compass search (Kolda, Lewis, Torczon, SIAM Review 45(3), 2003). Most
/// parameters of a chip are whole cycles, so the objective is a staircase without slopes, and an evaluation is a set of
/// simulations: a search that takes steps along each axis, halves them when none helps, starts from the description and
/// never leaves the range is what that asks for. Without any randomness.
///
/// The best point found; `start` of each interval lies in it. At most `evaluations` calls of the objective (and one
/// more step of the search). What the objective throws passes through.
std::vector<double> compass_search(const std::vector<Interval>& intervals, const Objective& objective,
                                   unsigned evaluations);

/// The number of a level, for each variable.
using Levels = std::vector<std::size_t>;

struct Evolution {
    std::vector<std::size_t> levels; ///< how many each variable has
    std::size_t objectives = 2;
    std::size_t population = 0; ///< a multiple of 4
    std::size_t generations = 0;
    unsigned seed = 1;
    /// For each point its objectives, to be minimised.
    std::function<std::vector<std::vector<double>>(const std::vector<Levels>&)> evaluate;
};

/// NSGA-II (Deb, Pratap, Agarwal, Meyarivan, IEEE Trans. Evolutionary Computation 6(2), 2002): crossover 0.95, mutation
/// 1 / number of variables. A generation is evaluated at once. The same seed and the same objectives give the same
/// points. What `evaluate` throws passes through.
void nsga2(const Evolution& evolution);

} // namespace gradus::search
