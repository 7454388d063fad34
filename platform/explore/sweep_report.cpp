// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/sweep_report.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "platform/explore/columns.h"
#include "platform/report/html/embed.h"

namespace gradus::explore {

namespace {

using Json = nlohmann::ordered_json;

Json axes_json(const Sweep& sweep, const std::vector<std::size_t>& telling) {
    const std::vector<std::string> figures = wanted_figures(sweep);
    std::vector<std::string> paths;
    for (const Dimension& dimension : sweep.dimensions)
        paths.push_back(dimension.key);
    for (const std::size_t figure : telling)
        paths.push_back(figures[figure]);
    const std::vector<std::string> names = short_names(paths);
    Json axes = Json::array();
    for (std::size_t i = 0; i < paths.size(); ++i) {
        Json axis = {{"name", paths[i]}, {"short", names[i]}};
        if (i < sweep.dimensions.size()) axis["levels"] = sweep.dimensions[i].levels;
        for (const Objective& objective : sweep.objectives)
            if (objective.path == paths[i] || objective.path == "scenario." + paths[i])
                axis["goal"] = objective.maximise ? "maximise" : "minimise";
        axes.push_back(std::move(axis));
    }
    return axes;
}

/// The number of each level; null for one that is none of its key.
Json level_numbers(const Sweep& sweep, const Point& point) {
    const std::vector<std::string> levels = levels_of(sweep, point);
    Json numbers = Json::array();
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const std::vector<std::string>& all = sweep.dimensions[i].levels;
        const auto found = std::find(all.begin(), all.end(), levels[i]);
        numbers.push_back(found == all.end() ? Json(nullptr) : Json(found - all.begin()));
    }
    return numbers;
}

} // namespace

std::string sweep_report(const Sweep& sweep, const std::vector<Point>& points) {
    const std::vector<std::size_t> telling = telling_figures(sweep, wanted_figures(sweep));
    const std::vector<std::size_t> front = front_of(sweep, points);
    const std::set<std::size_t> on_front(front.begin(), front.end());
    Json page = {
        {"title", sweep.file.stem().string()}, {"scenario", sweep.scenario}, {"axes", axes_json(sweep, telling)}};
    page["points"] = Json::array();
    for (std::size_t i = 0; i < points.size(); ++i) {
        Json values = level_numbers(sweep, points[i]);
        for (const std::size_t figure : telling)
            values.push_back(figure < points[i].figures.size() ? Json(points[i].figures[figure]) : Json(nullptr));
        page["points"].push_back({{"id", points[i].id},
                                  {"status", name_of(points[i].status)},
                                  {"front", on_front.count(i) > 0},
                                  {"values", std::move(values)},
                                  {"message", points[i].message}});
    }
    return report::with_data(report::Page::sweep, page);
}

} // namespace gradus::explore
