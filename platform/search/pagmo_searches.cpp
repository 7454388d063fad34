// SPDX-License-Identifier: Apache-2.0
#include "platform/search/pagmo_searches.h"

#include <utility>

#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/compass_search.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/batch_evaluators/default_bfe.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

namespace {

using namespace gradus::search;

// pagmo copies its problems; what they stand on is shared.

/// The unit cube, so that one step suits all variables.
struct Cube {
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

/// A gene is the number of a level. Points are evaluated many at a time, by Batch.
struct Genes {
    const Evolution* evolution = nullptr;

    pagmo::vector_double fitness(const pagmo::vector_double& genes) const {
        std::vector<Levels> points;
        for (std::size_t i = 0; i < genes.size(); ++i) {
            if (i % get_nix() == 0) points.emplace_back();
            points.back().push_back(static_cast<std::size_t>(genes[i]));
        }
        pagmo::vector_double all;
        for (const std::vector<double>& objectives : evolution->evaluate(points))
            all.insert(all.end(), objectives.begin(), objectives.end());
        return all;
    }
    pagmo::vector_double::size_type get_nobj() const { return evolution->objectives; }
    pagmo::vector_double::size_type get_nix() const { return evolution->levels.size(); }
    std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
        pagmo::vector_double last;
        for (const std::size_t levels : evolution->levels)
            last.push_back(static_cast<double>(levels - 1));
        return {pagmo::vector_double(last.size(), 0), last};
    }
};

/// A generation at once.
struct Batch {
    pagmo::vector_double operator()(const pagmo::problem& problem, const pagmo::vector_double& genes) const {
        return problem.extract<Genes>()->fitness(genes);
    }
};

} // namespace

void gradus_pagmo_compass_search(const std::vector<Interval>& intervals, const Objective& objective,
                                 unsigned evaluations, std::vector<double>& best) {
    constexpr double first_step = 0.2, last_step = 0.0005, shrink = 0.5;
    const Cube cube{&intervals, &objective};
    pagmo::population population{pagmo::problem{cube}};
    pagmo::vector_double start;
    for (const Interval& each : intervals)
        start.push_back((each.start - each.least) / (each.most - each.least));
    population.push_back(start);
    const pagmo::algorithm search{pagmo::compass_search(evaluations, first_step, last_step, shrink)};
    best = cube.values(search.evolve(population).champion_x());
}

void gradus_pagmo_nsga2(const Evolution& evolution) {
    pagmo::population population{pagmo::problem{Genes{&evolution}}, pagmo::bfe{Batch{}}, evolution.population,
                                 evolution.seed};
    pagmo::nsga2 nsga2(static_cast<unsigned>(evolution.generations), 0.95, 10.,
                       1.0 / static_cast<double>(evolution.levels.size()), 50., evolution.seed);
    nsga2.set_bfe(pagmo::bfe{Batch{}});
    nsga2.evolve(population);
}
