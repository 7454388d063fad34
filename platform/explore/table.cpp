// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/table.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "platform/explore/columns.h"
#include "platform/report/human.h"
#include "platform/report/layout.h"

namespace gradus::explore {

namespace {

constexpr std::size_t most_rows = 40;

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

std::string front_table(const Sweep& sweep, const std::vector<Point>& points, std::size_t width) {
    std::array<std::size_t, 5> counts{};
    for (const Point& point : points)
        ++counts[static_cast<std::size_t>(point.status)];
    const auto count = [&](Status status) { return counts[static_cast<std::size_t>(status)]; };
    std::string text = fmt::format("{} points: {} done, {} infeasible, {} failed\n", points.size(), count(Status::done),
                                   count(Status::infeasible), count(Status::failed));
    const std::vector<std::size_t> front = ranked_front(sweep, points);
    if (front.empty()) return text;

    text += sweep.objectives.size() == 1 ? fmt::format("\nbest by {}\n", sweep.objectives[0].path)
                                         : fmt::format("\nPareto front: {} points\n", front.size());
    const std::vector<std::string> figures = wanted_figures(sweep);
    const std::vector<std::size_t> telling = telling_figures(sweep, figures);
    std::vector<std::string> paths{"id"};
    for (const Dimension& dimension : sweep.dimensions)
        paths.push_back(dimension.key);
    for (const std::size_t figure : telling)
        paths.push_back(figures[figure]);
    std::vector<report::Table::Column> columns;
    for (std::string& name : short_names(paths))
        columns.push_back({std::move(name), report::Table::Align::right});
    report::Table table(std::move(columns), 2);
    for (std::size_t i = 0; i < std::min(front.size(), most_rows); ++i) {
        const std::size_t each = front[i];
        std::vector<std::string> row = levels_of(sweep, points[each]);
        row.insert(row.begin(), fmt::format("{}", points[each].id));
        for (const std::size_t figure : telling)
            row.push_back(figure_text(figures[figure], points[each].figures[figure]));
        table.row(std::move(row));
    }
    text += table.text(width);
    if (front.size() > most_rows)
        text += fmt::format("  ... and {} more; points.csv has all\n", front.size() - most_rows);
    return report::fitted(text, width);
}

} // namespace gradus::explore
