// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/descent.h"

#include <optional>
#include <tuple>
#include <vector>

#include "platform/explore/constraints.h"
#include "platform/explore/sampling.h"

namespace gradus::explore {

namespace {

/// Smaller is better.
using Rank = std::tuple<int, double, double>;
constexpr Rank worse_than_any{3, 0, 0};

Rank rank_of(const Sweep& sweep, const Point& point) {
    if (point.figures.empty()) return {2, 0, 0};
    const double room = room_within(sweep, point.figures);
    if (point.status != Status::done) return {1, violation(sweep, point.figures), -room};
    return {0, sweep.objectives.front().maximise ? -point.figures.front() : point.figures.front(), -room};
}

std::vector<Choice> neighbours(const Sweep& sweep, const Choice& choice) {
    std::vector<Choice> all;
    for (std::size_t i = 0; i < choice.size(); ++i) {
        if (choice[i] > 0) --all.emplace_back(choice)[i];
        if (choice[i] + 1 < sweep.dimensions[i].levels.size()) ++all.emplace_back(choice)[i];
    }
    return all;
}

} // namespace

void search_by_descent(const Sweep& sweep, Study& study, report::Progress& progress) {
    Rank best = worse_than_any;
    std::vector<Choice> choices = sampled_points(sweep);
    while (!choices.empty()) {
        progress.expect(choices.size());
        const std::vector<Point> points = study.evaluate(choices);
        std::optional<std::size_t> better;
        for (std::size_t i = 0; i < points.size(); ++i)
            if (const Rank rank = rank_of(sweep, points[i]); rank < best) {
                best = rank;
                better = i;
            }
        if (!better) return;
        choices = neighbours(sweep, choices[*better]);
    }
}

} // namespace gradus::explore
