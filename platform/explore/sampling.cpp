// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/sampling.h"

#include <numeric>
#include <random>
#include <utility>

namespace gradus::explore {

namespace {

// The standard's generators are the same everywhere; its distributions and shuffles are not.
using Random = std::mt19937_64;

/// 0 .. count - 1. The remainder's bias is below count / 2^64.
std::size_t below(Random& random, std::size_t count) { return static_cast<std::size_t>(random() % count); }

std::vector<Choice> grid(const Sweep& sweep) {
    std::vector<Choice> points;
    Choice choice(sweep.dimensions.size(), 0);
    for (;;) {
        points.push_back(choice);
        std::size_t dimension = choice.size();
        while (dimension > 0 && ++choice[dimension - 1] == sweep.dimensions[dimension - 1].levels.size())
            choice[--dimension] = 0;
        if (dimension == 0) return points;
    }
}

std::vector<Choice> random_points(const Sweep& sweep) {
    Random random(sweep.seed);
    std::vector<Choice> points(sweep.points);
    for (Choice& choice : points)
        for (const Dimension& dimension : sweep.dimensions)
            choice.push_back(below(random, dimension.levels.size()));
    return points;
}

std::vector<Choice> latin_hypercube(const Sweep& sweep) {
    Random random(sweep.seed);
    std::vector<Choice> points(sweep.points);
    std::vector<std::size_t> strata(sweep.points);
    for (const Dimension& dimension : sweep.dimensions) {
        std::iota(strata.begin(), strata.end(), std::size_t{0});
        for (std::size_t i = strata.size(); i > 1; --i)
            std::swap(strata[i - 1], strata[below(random, i)]);
        for (std::size_t point = 0; point < points.size(); ++point) // the level at the middle of the stratum
            points[point].push_back((2 * strata[point] + 1) * dimension.levels.size() / (2 * points.size()));
    }
    return points;
}

} // namespace

std::vector<Choice> sampled_points(const Sweep& sweep) {
    switch (sweep.method) {
    case Method::list:
        return sweep.listed;
    case Method::random:
        return random_points(sweep);
    case Method::latin_hypercube:
    case Method::descent:
        return latin_hypercube(sweep);
    default:
        return grid(sweep);
    }
}

} // namespace gradus::explore
