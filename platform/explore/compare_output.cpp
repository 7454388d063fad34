// SPDX-License-Identifier: Apache-2.0
// A comparison as a table for the terminal and as JSON.
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "platform/explore/compare.h"
#include "platform/report/human.h"
#include "platform/report/layout.h"

namespace gradus::explore {

std::string figure_text(Quantity quantity, double value) {
    switch (quantity) {
    case Quantity::time_ps:
        return report::human_time(static_cast<ip::Picoseconds>(value > 0 ? std::min(value, 9e18) : 0));
    case Quantity::tokens_per_second:
        return report::human_rate(value, "tokens");
    case Quantity::bytes:
        return report::human_bytes(value);
    case Quantity::bytes_per_second:
        return report::human_rate(value, "B");
    case Quantity::share:
        return report::human_percent(value);
    case Quantity::count:
        return report::human_count(value);
    case Quantity::joules:
        return report::human_energy(value);
    case Quantity::watts:
        return report::human_power(value);
    case Quantity::square_millimetres:
        return fmt::format("{:.4g} mm²", value);
    case Quantity::tokens_per_joule:
    case Quantity::tokens_per_second_mm2:
        return report::human_count(value);
    }
    return {};
}

namespace {

using Json = nlohmann::ordered_json;

const char* unit_name(Quantity quantity) {
    switch (quantity) {
    case Quantity::time_ps:
        return "ps";
    case Quantity::tokens_per_second:
        return "tokens/s";
    case Quantity::bytes:
        return "bytes";
    case Quantity::bytes_per_second:
        return "bytes/s";
    case Quantity::joules:
        return "J";
    case Quantity::watts:
        return "W";
    case Quantity::square_millimetres:
        return "mm2";
    case Quantity::tokens_per_joule:
        return "tokens/J";
    case Quantity::tokens_per_second_mm2:
        return "tokens/s/mm2";
    case Quantity::share:
    case Quantity::count:
        return "";
    }
    return "";
}

using Cells = std::vector<std::string>;
using report::Table;

/// The first column to the left, those of the results to the right.
Table table(const Comparison& comparison, const char* first, bool ratios) {
    constexpr std::size_t least_title = 10;
    std::vector<Table::Column> columns{{first, Table::Align::left, 0, 24}};
    for (std::size_t i = 0; i < comparison.titles.size(); ++i) {
        columns.push_back({comparison.titles[i], Table::Align::right, 0, least_title});
        if (ratios && i > 0) columns.push_back({"ratio"});
    }
    return Table(std::move(columns), 1);
}

std::string inputs_text(const Comparison& comparison, std::size_t width) {
    if (comparison.inputs.empty()) return " the scenarios have the same parameters\n";
    Table rows = table(comparison, "what differs", false);
    for (const InputRow& input : comparison.inputs) {
        Cells cells{input.unit.empty() ? input.key : fmt::format("{} ({})", input.key, input.unit)};
        cells.insert(cells.end(), input.values.begin(), input.values.end());
        rows.row(std::move(cells));
    }
    return rows.text(width);
}

std::string figures_text(const Comparison& comparison, std::size_t width) {
    Table rows = table(comparison, "what comes of it", true);
    for (const FigureRow& figure : comparison.figures) {
        Cells cells{
            fmt::format("{} {}", report::left(report::plain(figure.group, 12), 8), report::plain(figure.name, 24))};
        for (std::size_t i = 0; i < figure.values.size(); ++i) {
            cells.push_back(figure.values[i] ? figure_text(figure.quantity, *figure.values[i]) : "-");
            if (i > 0) cells.push_back(figure.ratio(i) ? fmt::format("{:.3f}x", *figure.ratio(i)) : "");
        }
        rows.row(std::move(cells));
    }
    return rows.text(width);
}

Json changes_json(const std::vector<PathChange>& changes) {
    Json list = Json::array();
    for (const PathChange& change : changes) {
        Json entry;
        entry["name"] = change.name;
        if (!change.reason.empty()) entry["reason"] = change.reason;
        entry["change_ps"] = std::llround(change.change_ps);
        list.push_back(std::move(entry));
    }
    return list;
}

Json cause_json(const ExplainedCause& explained) {
    const Cause& cause = explained.cause;
    Json json;
    json["step_ps"] = std::llround(cause.step_ps);
    json["change_ps"] = std::llround(cause.change_ps);
    json["critical_path"] = changes_json(cause.units);
    json["ops"] = changes_json(cause.ops);
    json["counts"] = Json::array();
    for (const CountChange& count : cause.counts)
        json["counts"].push_back({{"name", count.name}, {"from", count.from}, {"to", count.to}});
    json["sentence"] = explained.sentence;
    return json;
}

Json value_json(Quantity quantity, double value) {
    return quantity == Quantity::time_ps ? Json(std::llround(value)) : Json(value);
}

Json figure_json(const FigureRow& figure) {
    Json row;
    row["group"] = figure.group;
    row["name"] = figure.name;
    row["unit"] = unit_name(figure.quantity);
    row["values"] = Json::array();
    row["ratios"] = Json::array();
    for (std::size_t i = 0; i < figure.values.size(); ++i) {
        row["values"].push_back(figure.values[i] ? value_json(figure.quantity, *figure.values[i]) : Json(nullptr));
        row["ratios"].push_back(figure.ratio(i) ? Json(*figure.ratio(i)) : Json(nullptr));
    }
    return row;
}

} // namespace

std::string as_text(const Comparison& comparison, std::size_t width) {
    std::string text;
    for (std::size_t i = 0; i < comparison.titles.size(); ++i)
        text += fmt::format(" {}: {}\n", comparison.titles[i], comparison.bounds[i]);
    text += "\n";
    for (std::size_t i = 0; i < comparison.causes.size(); ++i)
        text += comparison.causes[i] ? fmt::format(" → {}\n", comparison.causes[i]->sentence)
                                     : fmt::format(" → {} or {} has no finished step: no critical path to compare\n",
                                                   comparison.titles[0], comparison.titles[i + 1]);
    for (const std::string& note : comparison.notes)
        text += fmt::format(" note: {}\n", note);
    return inputs_text(comparison, width) + "\n" + figures_text(comparison, width) + "\n" + report::fitted(text, width);
}

Json as_json(const Comparison& comparison) {
    Json json;
    json["schema"] = "gradus.compare/1";
    json["titles"] = comparison.titles;
    json["inputs"] = Json::array();
    for (const InputRow& input : comparison.inputs)
        json["inputs"].push_back({{"key", input.key}, {"unit", input.unit}, {"values", input.values}});
    json["figures"] = Json::array();
    for (const FigureRow& figure : comparison.figures)
        json["figures"].push_back(figure_json(figure));
    json["bounds"] = comparison.bounds;
    json["causes"] = Json::array();
    for (const std::optional<ExplainedCause>& cause : comparison.causes)
        json["causes"].push_back(cause ? cause_json(*cause) : Json(nullptr));
    json["notes"] = comparison.notes;
    return json;
}

} // namespace gradus::explore
