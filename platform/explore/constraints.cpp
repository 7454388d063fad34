// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/constraints.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/explore/short_names.h"

namespace gradus::explore {

namespace {

double beyond(const Constraint& constraint, double figure) {
    return std::max(0.0, constraint.at_most ? figure - constraint.limit : constraint.limit - figure);
}

double excess(const Constraint& constraint, double figure) {
    return beyond(constraint, figure) / std::max(std::abs(constraint.limit), 1e-12);
}

/// "8.5 % short", "120 % over"; where the limit is 0, "4 over".
std::string missed_by(const Constraint& constraint, double figure) {
    const char* side = constraint.at_most ? "over" : "short";
    if (constraint.limit == 0) return fmt::format("{:.6g} {}", beyond(constraint, figure), side);
    const double percent = 100 * excess(constraint, figure);
    return percent < 10 ? fmt::format("{:.2g} % {}", percent, side) : fmt::format("{:.0f} % {}", percent, side);
}

const char* sign_of(const Constraint& constraint) { return constraint.at_most ? "<=" : ">="; }

/// Of the constraints, in their order.
std::vector<double> constrained(const Sweep& sweep, const std::vector<double>& figures) {
    const std::vector<std::string> paths = wanted_figures(sweep);
    std::vector<double> values;
    for (const Constraint& constraint : sweep.constraints) {
        const auto path = std::find(paths.begin(), paths.end(), constraint.path);
        values.push_back(figures.at(static_cast<std::size_t>(path - paths.begin())));
    }
    return values;
}

/// `describe` of the number of each constraint that is broken, and of its figure.
template <class Describe>
std::string listed(const Sweep& sweep, const std::vector<double>& figures, Describe describe) {
    const std::vector<double> values = constrained(sweep, figures);
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (excess(sweep.constraints[i], values[i]) > 0) text += (text.empty() ? "" : "; ") + describe(i, values[i]);
    return text;
}

Demand demand(const Constraint& constraint, const std::vector<double>& values) {
    Demand demand;
    demand.needs = fmt::format("{} {} {}", constraint.path, sign_of(constraint), constraint.limit);
    demand.of = values.size();
    for (const double value : values) {
        if (excess(constraint, value) == 0) ++demand.kept;
        if (!demand.best || excess(constraint, value) < excess(constraint, *demand.best)) demand.best = value;
    }
    if (demand.kept > 0) demand.best.reset();
    if (demand.best) demand.missed_by = missed_by(constraint, *demand.best);
    return demand;
}

} // namespace

double violation(const Sweep& sweep, const std::vector<double>& figures) {
    const std::vector<double> values = constrained(sweep, figures);
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
        sum += excess(sweep.constraints[i], values[i]);
    return sum;
}

double room_within(const Sweep& sweep, const std::vector<double>& figures) {
    const std::vector<double> values = constrained(sweep, figures);
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Constraint& constraint = sweep.constraints[i];
        const double room = constraint.at_most ? constraint.limit - values[i] : values[i] - constraint.limit;
        sum += room / std::max(std::abs(constraint.limit), 1e-12);
    }
    return sum;
}

std::string broken_constraints(const Sweep& sweep, const std::vector<double>& figures) {
    return listed(sweep, figures, [&](std::size_t i, double value) {
        const Constraint& constraint = sweep.constraints[i];
        return fmt::format("{} = {:.6g} is not {} {:.6g} ({})", constraint.path, value, sign_of(constraint),
                           constraint.limit, missed_by(constraint, value));
    });
}

std::string misses(const Sweep& sweep, const std::vector<double>& figures) {
    std::vector<std::string> paths;
    for (const Constraint& constraint : sweep.constraints)
        paths.push_back(constraint.path);
    return listed(sweep, figures, [&, names = short_names(paths)](std::size_t i, double value) {
        return fmt::format("{} {}", names[i], missed_by(sweep.constraints[i], value));
    });
}

std::vector<Demand> demands(const Sweep& sweep, const std::vector<Point>& points) {
    std::vector<std::vector<double>> values(sweep.constraints.size());
    for (const Point& point : points) {
        if (point.figures.empty()) continue;
        const std::vector<double> of_point = constrained(sweep, point.figures);
        for (std::size_t i = 0; i < of_point.size(); ++i)
            values[i].push_back(of_point[i]);
    }
    std::vector<Demand> all;
    for (std::size_t i = 0; i < values.size(); ++i)
        all.push_back(demand(sweep.constraints[i], values[i]));
    return all;
}

std::vector<std::size_t> nearest_misses(const Sweep& sweep, const std::vector<Point>& points) {
    std::vector<std::size_t> misses;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (points[i].status == Status::infeasible && !points[i].figures.empty()) misses.push_back(i);
    std::stable_sort(misses.begin(), misses.end(), [&](std::size_t a, std::size_t b) {
        return violation(sweep, points[a].figures) < violation(sweep, points[b].figures);
    });
    return misses;
}

} // namespace gradus::explore
