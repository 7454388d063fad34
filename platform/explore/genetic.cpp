// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/genetic.h"

#include <cstddef>
#include <utility>
#include <vector>

#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/batch_evaluators/default_bfe.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

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

/// The space, as pagmo sees it. Points are evaluated many at a time, by Batch.
struct Space {
    const Sweep* sweep = nullptr;
    Study* study = nullptr;

    std::vector<double> evaluate(const std::vector<double>& genes) const {
        const std::size_t dimensions = sweep->dimensions.size();
        std::vector<Choice> choices;
        for (std::size_t i = 0; i < genes.size(); ++i) {
            if (i % dimensions == 0) choices.emplace_back();
            choices.back().push_back(static_cast<std::size_t>(genes[i]));
        }
        std::vector<double> all;
        for (const Point& point : study->evaluate(choices)) {
            const std::vector<double> fitness = fitness_of(*sweep, point);
            all.insert(all.end(), fitness.begin(), fitness.end());
        }
        return all;
    }

    pagmo::vector_double fitness(const pagmo::vector_double& genes) const { return evaluate(genes); }
    pagmo::vector_double::size_type get_nobj() const { return sweep->objectives.size(); }
    pagmo::vector_double::size_type get_nix() const { return sweep->dimensions.size(); }
    std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
        pagmo::vector_double last;
        for (const Dimension& dimension : sweep->dimensions)
            last.push_back(static_cast<double>(dimension.levels.size() - 1));
        return {pagmo::vector_double(last.size(), 0), last};
    }
};

/// A generation at once.
struct Batch {
    pagmo::vector_double operator()(const pagmo::problem& problem, const pagmo::vector_double& genes) const {
        return problem.extract<Space>()->evaluate(genes);
    }
};

} // namespace

void search_by_nsga2(const Sweep& sweep, Study& study) {
    const auto seed = static_cast<unsigned>(sweep.seed);
    pagmo::population population{pagmo::problem{Space{&sweep, &study}}, pagmo::bfe{Batch{}}, sweep.population, seed};
    pagmo::nsga2 nsga2(static_cast<unsigned>(sweep.generations), 0.95, 10.,
                       1.0 / static_cast<double>(sweep.dimensions.size()), 50., seed);
    nsga2.set_bfe(pagmo::bfe{Batch{}});
    nsga2.evolve(population);
}

} // namespace gradus::explore
