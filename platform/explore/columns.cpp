// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/columns.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "platform/explore/pareto.h"

namespace gradus::explore {

std::vector<std::size_t> front_of(const Sweep& sweep, const std::vector<Point>& points) {
    if (sweep.objectives.empty()) return {};
    std::vector<std::size_t> done;
    std::vector<std::vector<double>> objectives;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (points[i].status != Status::done) continue;
        done.push_back(i);
        objectives.emplace_back();
        for (std::size_t j = 0; j < sweep.objectives.size(); ++j)
            objectives.back().push_back(sweep.objectives[j].maximise ? -points[i].figures[j] : points[i].figures[j]);
    }
    std::vector<std::size_t> front = pareto_front(objectives);
    for (std::size_t& each : front)
        each = done[each];
    return front;
}

std::vector<std::string> levels_of(const Sweep& sweep, const Point& point) {
    const auto varied = nlohmann::json::parse(point.varied, nullptr, false);
    std::vector<std::string> levels;
    for (const Dimension& dimension : sweep.dimensions) {
        const auto level = varied.is_object() ? varied.find(dimension.key) : varied.end();
        levels.push_back(level != varied.end() && level->is_string() ? level->get<std::string>() : "");
    }
    return levels;
}

std::vector<std::size_t> telling_figures(const Sweep& sweep, const std::vector<std::string>& figures) {
    std::vector<std::size_t> telling;
    for (std::size_t i = 0; i < figures.size(); ++i)
        if (std::none_of(sweep.dimensions.begin(), sweep.dimensions.end(),
                         [&](const Dimension& dimension) { return figures[i] == "scenario." + dimension.key; }))
            telling.push_back(i);
    return telling;
}

} // namespace gradus::explore
