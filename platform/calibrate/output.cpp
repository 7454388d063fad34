// SPDX-License-Identifier: Apache-2.0
#include "platform/calibrate/output.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "platform/report/human.h"
#include "platform/report/layout.h"

namespace gradus::calibrate {

namespace {

using Json = nlohmann::ordered_json;

double error(double cycles, const RowOutcome& outcome) { return cycles / outcome.row.cycles - 1; }

std::string percent(double share) { return fmt::format("{:+.1f} %", 100 * share); }

/// Means of absolute errors of some of the rows.
struct Errors {
    std::size_t rows = 0;
    double before = 0;
    double after = 0;
    double worst_before = 0; ///< with its sign
    double worst_after = 0;
};

template <typename Chosen>
std::optional<Errors> errors_of(const Calibration& calibration, const Chosen& chosen) {
    Errors errors;
    for (const RowOutcome& outcome : calibration.rows) {
        if (!chosen(outcome)) continue;
        ++errors.rows;
        const double before = error(outcome.before, outcome), after = error(outcome.after, outcome);
        errors.before += std::abs(before);
        errors.after += std::abs(after);
        if (std::abs(before) > std::abs(errors.worst_before)) errors.worst_before = before;
        if (std::abs(after) > std::abs(errors.worst_after)) errors.worst_after = after;
    }
    if (errors.rows == 0) return std::nullopt;
    errors.before /= static_cast<double>(errors.rows);
    errors.after /= static_cast<double>(errors.rows);
    return errors;
}

struct Summary {
    std::string name;
    Errors errors;
};

/// Fitted, held back, all; then by operator, in the order of the table.
std::vector<Summary> summaries(const Calibration& calibration) {
    std::vector<Summary> list;
    const auto add = [&](const std::string& name, const auto& chosen) {
        if (const auto errors = errors_of(calibration, chosen)) list.push_back({name, *errors});
    };
    add("fitted", [](const RowOutcome& each) { return !each.held_back; });
    add("held back", [](const RowOutcome& each) { return each.held_back; });
    add("all", [](const RowOutcome&) { return true; });
    std::vector<std::string> names;
    for (const RowOutcome& outcome : calibration.rows)
        if (std::find(names.begin(), names.end(), outcome.row.name) == names.end()) names.push_back(outcome.row.name);
    for (const std::string& name : names)
        for (const bool held : {false, true})
            add(held ? name + ", held back" : name,
                [&](const RowOutcome& each) { return each.row.name == name && each.held_back == held; });
    return list;
}

std::string row_name(const RowOutcome& outcome) {
    std::string name = fmt::format("{} {}", outcome.row.name, outcome.row.shape);
    if (outcome.row.clock_mhz) name += fmt::format(", {} MHz", *outcome.row.clock_mhz);
    return name;
}

/// "1.2 % (worst -3.4 %)"
std::string mean_text(double mean, double worst) {
    return fmt::format("{:.1f} % (worst {})", 100 * mean, percent(worst));
}

/// Errors of all rows before (o) and after (*) beside what was measured (|), from -limit to limit.
std::string chart(const Calibration& calibration, std::size_t name_width, std::size_t screen) {
    constexpr std::size_t usual_half = 20, least_half = 8, least_name = 8, between = 8;
    const auto used = [&](std::size_t half) { return 1 + name_width + between + 2 * half + 1; };
    std::size_t columns = usual_half;
    while (columns > least_half && used(columns) > screen)
        --columns;
    while (name_width > least_name && used(columns) > screen)
        --name_width;
    const auto half = static_cast<int>(columns);

    double limit = 0.05;
    for (const RowOutcome& outcome : calibration.rows)
        for (const double cycles : {outcome.before, outcome.after})
            while (std::abs(error(cycles, outcome)) > limit && limit < 1)
                limit *= 2;
    const auto name = [&](const std::string& text) {
        return report::left(report::plain(text, name_width), name_width);
    };
    std::string text = fmt::format("\n {} {:>5.0f} %{:^{}}{:+.0f} %\n", name("o before  * after"), -100 * limit,
                                   half < 12 ? "" : "measured", 2 * half - 6, 100 * limit);
    for (const RowOutcome& outcome : calibration.rows) {
        std::string line(2 * columns + 1, ' ');
        const auto put = [&](double cycles, char mark) {
            const double place = std::clamp(error(cycles, outcome) / limit, -1.0, 1.0);
            line[static_cast<std::size_t>(half + std::lround(place * half))] = mark;
        };
        line[columns] = '|';
        put(outcome.before, 'o');
        put(outcome.after, '*');
        text += fmt::format(" {}       {}\n", name(row_name(outcome)), line.substr(0, line.find_last_not_of(' ') + 1));
    }
    return text;
}

/// In one sentence, without a full stop.
std::string verdict_text(const Objective& objective) {
    switch (verdict_of(objective)) {
    case Verdict::fitted:
        break;
    case Verdict::nothing_to_gain:
        return "nothing to gain: the rows were already explained, and the fit does not bring them nearer";
    case Verdict::unexplained:
        return "these numbers cannot explain the rows: the error does not fall by a tenth";
    }
    return "the error has fallen by a tenth or more";
}

const char* verdict_name(const Objective& objective) {
    switch (verdict_of(objective)) {
    case Verdict::fitted:
        break;
    case Verdict::nothing_to_gain:
        return "nothing to gain";
    case Verdict::unexplained:
        return "unexplained";
    }
    return "fitted";
}

constexpr const char* objective_name = "mean squared ln(modelled / measured) of the fitted rows";

/// "mean squared ln(modelled / measured) of the fitted rows: 0.123 before, 0.045 after; ..."
std::string objective_text(const Objective& objective) {
    return fmt::format("{}: {:.4g} before, {:.4g} after, or typically off by a factor of {:.3f} before, {:.3f} after",
                       objective_name, objective.before, objective.after, objective.factor_before(),
                       objective.factor_after());
}

Json value_json(const scenario::Value& value) {
    return std::visit([](const auto& held) { return Json(held); }, value);
}

} // namespace

std::string as_text(const Calibration& calibration, std::size_t width) {
    using report::Table;
    constexpr auto left = Table::Align::left, right = Table::Align::right;
    constexpr std::size_t least_name = 14;
    Table keys({{"fitted", left, 40, least_name}, {"before", right, 10}, {"after", right, 10}}, 1, 1);
    for (const Fitted& fitted : calibration.fitted)
        keys.row({std::string(fitted.parameter->key), scenario::to_string(fitted.before),
                  scenario::to_string(fitted.after)});
    std::size_t name_width = 10;
    for (const RowOutcome& outcome : calibration.rows)
        name_width = std::max(name_width, report::columns(row_name(outcome)));
    Table rows({{"row", left, name_width, least_name},
                {"measured", right, 12},
                {"before", right, 12},
                {"", right, 9},
                {"after", right, 12},
                {"", right, 9},
                {"", left}},
               1, 1);
    for (const RowOutcome& outcome : calibration.rows)
        rows.row({row_name(outcome), fmt::format("{:.0f}", outcome.row.cycles), fmt::format("{:.0f}", outcome.before),
                  percent(error(outcome.before, outcome)), fmt::format("{:.0f}", outcome.after),
                  percent(error(outcome.after, outcome)), outcome.held_back ? "held back" : ""});
    Table errors(
        {{"mean error", left, name_width, least_name}, {"rows", right, 5}, {"before", right, 28}, {"after", right, 28}},
        1, 1);
    for (const Summary& summary : summaries(calibration))
        errors.row({summary.name, fmt::format("{}", summary.errors.rows),
                    mean_text(summary.errors.before, summary.errors.worst_before),
                    mean_text(summary.errors.after, summary.errors.worst_after)});
    std::string text =
        keys.text(width) + "\n" + rows.text(width) + chart(calibration, name_width, width) + "\n" + errors.text(width);
    const bool judged = std::any_of(calibration.rows.begin(), calibration.rows.end(),
                                    [](const RowOutcome& outcome) { return outcome.held_back; });
    if (!judged) text += "\n no row was held back: nothing says how these numbers do on others\n";
    text += fmt::format("\n objective: {}\n {}\n", objective_text(calibration.objective),
                        verdict_text(calibration.objective));
    text += fmt::format("\n {} sets of simulations\n", calibration.evaluations);
    return report::fitted(text, width);
}

Json as_json(const Calibration& calibration, const Provenance& provenance) {
    Json json;
    json["schema"] = "gradus.calibration/1";
    json["chip"] = provenance.chip;
    json["measurements"] = provenance.measurements;
    json["hold_out"] = provenance.hold_out;
    json["seed"] = provenance.seed;
    json["fitted"] = Json::array();
    for (const Fitted& fitted : calibration.fitted)
        json["fitted"].push_back({{"key", fitted.parameter->key},
                                  {"unit", fitted.parameter->unit},
                                  {"before", value_json(fitted.before)},
                                  {"after", value_json(fitted.after)}});
    json["rows"] = Json::array();
    for (const RowOutcome& outcome : calibration.rows)
        json["rows"].push_back({{"operator", outcome.row.name},
                                {"shape", outcome.row.shape},
                                {"clock_mhz", outcome.row.clock_mhz ? Json(*outcome.row.clock_mhz) : Json(nullptr)},
                                {"held_back", outcome.held_back},
                                {"measured", outcome.row.cycles},
                                {"before", outcome.before},
                                {"after", outcome.after}});
    json["mean_errors"] = Json::array();
    for (const Summary& summary : summaries(calibration))
        json["mean_errors"].push_back({{"name", summary.name},
                                       {"rows", summary.errors.rows},
                                       {"before", summary.errors.before},
                                       {"after", summary.errors.after},
                                       {"worst_before", summary.errors.worst_before},
                                       {"worst_after", summary.errors.worst_after}});
    json["objective"] = {{"what", objective_name},
                         {"before", calibration.objective.before},
                         {"after", calibration.objective.after},
                         {"factor_before", calibration.objective.factor_before()},
                         {"factor_after", calibration.objective.factor_after()}};
    json["verdict"] = verdict_name(calibration.objective);
    json["evaluations"] = calibration.evaluations;
    return json;
}

std::string as_markdown(const Calibration& calibration, const Provenance& provenance) {
    std::string text = fmt::format("Measurements: {}\n\n", provenance.source);
    text += "| fitted | unit | before | after |\n|---|---|---|---|\n";
    for (const Fitted& fitted : calibration.fitted)
        text += fmt::format("| `{}` | {} | {} | {} |\n", fitted.parameter->key, fitted.parameter->unit,
                            scenario::to_string(fitted.before), scenario::to_string(fitted.after));
    text += "\n| row | measured | before | error | after | error | |\n|---|---|---|---|---|---|---|\n";
    for (const RowOutcome& outcome : calibration.rows)
        text += fmt::format("| {} | {:.0f} | {:.0f} | {} | {:.0f} | {} | {} |\n", row_name(outcome), outcome.row.cycles,
                            outcome.before, percent(error(outcome.before, outcome)), outcome.after,
                            percent(error(outcome.after, outcome)), outcome.held_back ? "held back" : "fitted");
    text += "\n| mean of absolute errors | rows | before | after |\n|---|---|---|---|\n";
    for (const Summary& summary : summaries(calibration))
        text += fmt::format("| {} | {} | {} | {} |\n", summary.name, summary.errors.rows,
                            mean_text(summary.errors.before, summary.errors.worst_before),
                            mean_text(summary.errors.after, summary.errors.worst_after));
    return text + fmt::format("\nObjective: {}; {}.\n", objective_text(calibration.objective),
                              verdict_text(calibration.objective));
}

std::string as_toml(const Calibration& calibration, const Provenance& provenance, const std::string& base) {
    const auto line = [](const std::string& text) { return report::plain(text, 400); };
    std::string text = "# SPDX-License-Identifier: Apache-2.0\n";
    if (verdict_of(calibration.objective) == Verdict::unexplained)
        text += fmt::format("# Not calibrated: {}.\n", verdict_text(calibration.objective));
    text += fmt::format("# {} fitted to {} by gradus calibrate --hold-out {} --seed {}.\n", line(provenance.chip),
                        line(provenance.measurements), provenance.hold_out, provenance.seed);
    if (!provenance.source.empty()) text += fmt::format("# Measurements: {}\n", line(provenance.source));
    for (const Summary& summary : summaries(calibration)) {
        text += fmt::format("# Mean error, {}, {} rows: {} before, {} after.\n", summary.name, summary.errors.rows,
                            mean_text(summary.errors.before, summary.errors.worst_before),
                            mean_text(summary.errors.after, summary.errors.worst_after));
        if (summary.name == "all") break;
    }
    text += fmt::format("\nbase = {}\n", Json(base).dump());
    for (const Fitted& fitted : calibration.fitted)
        text += fmt::format("{} = {} # {} before\n", fitted.parameter->key.substr(5), scenario::to_string(fitted.after),
                            scenario::to_string(fitted.before));
    return text;
}

} // namespace gradus::calibrate
