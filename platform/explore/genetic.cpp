// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/genetic.h"

#include <cstddef>
#include <vector>

#include "platform/explore/constraints.h"
#include "platform/search/search.h"

namespace gradus::explore {

namespace {

// Beyond any figure of a chip, yet far enough from infinity to be told apart.
constexpr double worse_than_feasible = 1e100;
constexpr double worse_than_any_result = 1e200;

/// To be minimised.
std::vector<double> fitness_of(const Sweep& sweep, const Point& point) {
    std::vector<double> fitness(sweep.objectives.size(), worse_than_any_result);
    for (std::size_t i = 0; i < fitness.size() && !point.figures.empty(); ++i) {
        if (point.status == Status::done)
            fitness[i] = sweep.objectives[i].maximise ? -point.figures[i] : point.figures[i];
        else
            fitness[i] = worse_than_feasible * (1 + violation(sweep, point.figures));
    }
    return fitness;
}

} // namespace

void search_by_nsga2(const Sweep& sweep, Study& study) {
    search::Evolution evolution;
    for (const Dimension& dimension : sweep.dimensions)
        evolution.levels.push_back(dimension.levels.size());
    evolution.objectives = sweep.objectives.size();
    evolution.population = sweep.population;
    evolution.generations = sweep.generations;
    evolution.seed = static_cast<unsigned>(sweep.seed);
    evolution.evaluate = [&](const std::vector<Choice>& choices) {
        std::vector<std::vector<double>> fitness;
        for (const Point& point : study.evaluate(choices))
            fitness.push_back(fitness_of(sweep, point));
        return fitness;
    };
    search::nsga2(evolution);
}

} // namespace gradus::explore
