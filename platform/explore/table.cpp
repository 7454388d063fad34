// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/table.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "platform/explore/columns.h"
#include "platform/explore/constraints.h"
#include "platform/explore/short_names.h"
#include "platform/report/human.h"
#include "platform/report/layout.h"

namespace gradus::explore {

namespace {

constexpr std::size_t most_rows = 40;
constexpr std::size_t longest_message = 400;

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char each : text)
        quoted += each == '"' ? std::string("\"\"") : std::string(1, each);
    return quoted + '"';
}

bool ends_with(const std::string& text, std::string_view tail) {
    return text.size() >= tail.size() && text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
}

/// A figure for people, in the unit that its name ends in.
std::string figure_text(const std::string& path, double value) {
    if (ends_with(path, "_ps") && value >= 0 && value < 9e18)
        return report::human_time(static_cast<ip::Picoseconds>(value));
    if (ends_with(path, "_j")) return report::human_energy(value);
    if (ends_with(path, "_w")) return report::human_power(value);
    return fmt::format("{:.6g}", value);
}

/// The best by the first objective comes first.
std::vector<std::size_t> ranked_front(const Sweep& sweep, const std::vector<Point>& points) {
    std::vector<std::size_t> front = front_of(sweep, points);
    std::stable_sort(front.begin(), front.end(), [&](std::size_t a, std::size_t b) {
        const double of_a = points[a].figures[0], of_b = points[b].figures[0];
        return sweep.objectives[0].maximise ? of_a > of_b : of_a < of_b;
    });
    return front;
}

/// The levels of a point, those that are long without their beginnings.
std::vector<std::string> short_levels_of(const Sweep& sweep, const Point& point) {
    std::vector<std::string> levels = levels_of(sweep, point);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const std::vector<std::string>& all = sweep.dimensions[i].levels;
        const auto found = std::find(all.begin(), all.end(), levels[i]);
        if (found != all.end()) levels[i] = short_values(all)[static_cast<std::size_t>(found - all.begin())];
    }
    return levels;
}

/// What stands at the end of each row, as prose.
struct Remark {
    std::string title;
    std::function<std::string(const Point&)> of; ///< none: no remarks
};

/// Points by their positions: id, what varies, the figures if it has any, the remark.
std::string table_of(const Sweep& sweep, const std::vector<Point>& points, const std::vector<std::size_t>& rows,
                     bool with_figures, const Remark& remark, std::size_t width) {
    const std::vector<std::string> figures = wanted_figures(sweep);
    const std::vector<std::size_t> telling =
        with_figures ? telling_figures(sweep, figures) : std::vector<std::size_t>{};
    std::vector<std::string> paths{"id"};
    for (const Dimension& dimension : sweep.dimensions)
        paths.push_back(dimension.key);
    for (const std::size_t figure : telling)
        paths.push_back(figures[figure]);
    std::vector<report::Table::Column> columns;
    for (std::string& name : short_names(paths))
        columns.push_back({std::move(name), report::Table::Align::right});
    if (remark.of) columns.push_back({remark.title, report::Table::Align::prose});
    report::Table table(std::move(columns), 2);
    for (std::size_t i = 0; i < std::min(rows.size(), most_rows); ++i) {
        const Point& point = points[rows[i]];
        std::vector<std::string> row = short_levels_of(sweep, point);
        row.insert(row.begin(), fmt::format("{}", point.id));
        for (const std::size_t figure : telling)
            row.push_back(figure < point.figures.size() ? figure_text(figures[figure], point.figures[figure]) : "-");
        if (remark.of) row.push_back(remark.of(point));
        table.row(std::move(row));
    }
    std::string text = table.text(width);
    if (rows.size() > most_rows)
        text += fmt::format("  ... and {} more; points.csv has all\n", rows.size() - most_rows);
    return text;
}

std::string front_text(const Sweep& sweep, const std::vector<Point>& points, std::size_t width) {
    const std::vector<std::size_t> front = ranked_front(sweep, points);
    if (front.empty()) return "";
    return (sweep.objectives.size() == 1 ? fmt::format("\nbest by {}\n", sweep.objectives[0].path)
                                         : fmt::format("\nPareto front: {} points\n", front.size())) +
           table_of(sweep, points, front, true, {}, width);
}

std::string needs_text(const Demand& demand, const std::string& path) {
    if (!demand.best) return fmt::format("  needs {}: {} of {} points keep it\n", demand.needs, demand.kept, demand.of);
    return fmt::format("  needs {}, the best has {}: {}\n", demand.needs, figure_text(path, *demand.best),
                       demand.missed_by);
}

/// When no point keeps every constraint.
std::string misses_text(const Sweep& sweep, const std::vector<Point>& points, std::size_t width) {
    constexpr std::size_t nearest = 10;
    const bool feasible =
        std::any_of(points.begin(), points.end(), [](const Point& point) { return point.status == Status::done; });
    std::vector<std::size_t> rows = nearest_misses(sweep, points);
    if (feasible || rows.empty()) return "";
    std::string text = "\nno point keeps every constraint\n";
    const std::vector<Demand> all = demands(sweep, points);
    for (std::size_t i = 0; i < all.size(); ++i)
        text += needs_text(all[i], sweep.constraints[i].path);
    rows.resize(std::min(rows.size(), nearest));
    text += "\nthe nearest misses\n";
    return text + table_of(sweep, points, rows, true,
                           {"misses", [&](const Point& point) { return misses(sweep, point.figures); }}, width);
}

/// Why points have no figures.
std::string failures_text(const Sweep& sweep, const std::vector<Point>& points, std::size_t width) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (points[i].figures.empty() && !points[i].message.empty()) rows.push_back(i);
    if (rows.empty()) return "";
    const auto why = [](const Point& point) {
        return fmt::format("{}: {}", name_of(point.status), report::plain(point.message, longest_message));
    };
    return "\npoints without figures\n" + table_of(sweep, points, rows, false, {"why", why}, width);
}

std::string baseline_text(const Sweep& sweep, const std::vector<Point>& points, std::int64_t id, std::size_t width) {
    const auto point = std::find_if(points.begin(), points.end(), [&](const Point& each) { return each.id == id; });
    if (point == points.end() || point->figures.empty()) return "";
    return "\nthe scenario as it was\n" +
           table_of(sweep, points, {static_cast<std::size_t>(point - points.begin())}, true, {}, width);
}

} // namespace

std::string points_csv(const Sweep& sweep, const std::vector<Point>& points) {
    const std::vector<std::string> figures = wanted_figures(sweep);
    const std::vector<std::size_t> front = front_of(sweep, points);
    const std::set<std::size_t> on_front(front.begin(), front.end());
    std::string text = "id,status,front";
    for (const Dimension& dimension : sweep.dimensions)
        text += "," + csv_field(dimension.key);
    for (const std::string& figure : figures)
        text += "," + csv_field(figure);
    text += ",message\n";
    for (std::size_t i = 0; i < points.size(); ++i) {
        const Point& point = points[i];
        text += fmt::format("{},{},{}", point.id, name_of(point.status), on_front.count(i));
        for (const std::string& level : levels_of(sweep, point))
            text += "," + csv_field(level);
        for (std::size_t j = 0; j < figures.size(); ++j)
            text += j < point.figures.size() ? fmt::format(",{}", point.figures[j]) : ",";
        text += "," + csv_field(point.message) + "\n";
    }
    return text;
}

std::string overview(const Sweep& sweep, const std::vector<Point>& points, std::optional<std::int64_t> baseline,
                     std::size_t width) {
    std::array<std::size_t, 5> counts{};
    for (const Point& point : points)
        ++counts[static_cast<std::size_t>(point.status)];
    const auto count = [&](Status status) { return counts[static_cast<std::size_t>(status)]; };
    std::string text = fmt::format("{} points: {} done, {} infeasible, {} failed\n", points.size(), count(Status::done),
                                   count(Status::infeasible), count(Status::failed));
    text += front_text(sweep, points, width);
    text += misses_text(sweep, points, width);
    text += failures_text(sweep, points, width);
    if (baseline) text += baseline_text(sweep, points, *baseline, width);
    return report::fitted(text, width);
}

} // namespace gradus::explore
