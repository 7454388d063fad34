// SPDX-License-Identifier: Apache-2.0
#include "platform/calibrate/search.h"

#include <utility>

#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/compass_search.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

namespace gradus::calibrate {

namespace {

/// pagmo copies its problems; what they stand on is shared. The unit cube, so that one step suits all parameters.
struct Problem {
    const std::vector<Interval>* intervals = nullptr;
    const Objective* objective = nullptr;

    pagmo::vector_double fitness(const pagmo::vector_double& unit) const { return {(*objective)(values(unit))}; }
    std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
        return {pagmo::vector_double(intervals->size(), 0.0), pagmo::vector_double(intervals->size(), 1.0)};
    }

    std::vector<double> values(const pagmo::vector_double& unit) const {
        std::vector<double> values;
        for (std::size_t i = 0; i < unit.size(); ++i) {
            const Interval& each = (*intervals)[i];
            values.push_back(each.least + unit[i] * (each.most - each.least));
        }
        return values;
    }
};

} // namespace

std::vector<double> compass_search(const std::vector<Interval>& intervals, const Objective& objective,
                                   unsigned evaluations) {
    constexpr double first_step = 0.2, last_step = 0.0005, shrink = 0.5;
    const Problem problem{&intervals, &objective};
    pagmo::population population{pagmo::problem{problem}};
    pagmo::vector_double start;
    for (const Interval& each : intervals)
        start.push_back((each.start - each.least) / (each.most - each.least));
    population.push_back(start);
    const pagmo::algorithm search{pagmo::compass_search(evaluations, first_step, last_step, shrink)};
    return problem.values(search.evolve(population).champion_x());
}

} // namespace gradus::calibrate
