// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/sweep_report.h"

#include <algorithm>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "platform/explore/columns.h"
#include "platform/explore/constraints.h"
#include "platform/explore/short_names.h"
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

Json constraints_json(const Sweep& sweep, const std::vector<Point>& points) {
    Json list = Json::array();
    const std::vector<Demand> all = demands(sweep, points);
    for (std::size_t i = 0; i < all.size(); ++i)
        list.push_back({{"name", sweep.constraints[i].path},
                        {"needs", all[i].needs},
                        {"kept", all[i].kept},
                        {"of", all[i].of},
                        {"best", all[i].best ? Json(*all[i].best) : Json(nullptr)},
                        {"missed_by", all[i].missed_by}});
    return list;
}

Json pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs) {
    Json list = Json::array();
    for (const auto& [key, value] : pairs)
        list.push_back({key, value});
    return list;
}

/// How far it is from feasible: 0 if it is; null without figures.
Json violation_json(const Sweep& sweep, const Point& point) {
    return point.figures.empty() ? Json(nullptr) : Json(violation(sweep, point.figures));
}

} // namespace

std::string sweep_report(const Sweep& sweep, const std::vector<Point>& points, std::optional<std::int64_t> baseline) {
    const std::vector<std::size_t> telling = telling_figures(sweep, wanted_figures(sweep));
    const std::vector<std::size_t> front = front_of(sweep, points);
    const std::set<std::size_t> on_front(front.begin(), front.end());
    Json page = {
        {"title", sweep.file.stem().string()}, {"scenario", sweep.scenario}, {"axes", axes_json(sweep, telling)}};
    page["constraints"] = constraints_json(sweep, points);
    page["fixed"] = pairs_json(sweep.fixed);
    page["linked"] = pairs_json(sweep.linked);
    page["baseline"] = baseline ? Json(*baseline) : Json(nullptr);
    page["points"] = Json::array();
    for (std::size_t i = 0; i < points.size(); ++i) {
        Json values = level_numbers(sweep, points[i]);
        for (const std::size_t figure : telling)
            values.push_back(figure < points[i].figures.size() ? Json(points[i].figures[figure]) : Json(nullptr));
        page["points"].push_back({{"id", points[i].id},
                                  {"status", name_of(points[i].status)},
                                  {"front", on_front.count(i) > 0},
                                  {"values", std::move(values)},
                                  {"violation", violation_json(sweep, points[i])},
                                  {"message", points[i].message}});
    }
    return report::with_data(report::Page::sweep, page);
}

} // namespace gradus::explore
