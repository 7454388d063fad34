// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/compare.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "platform/explore/cost_figures.h"
#include "platform/report/human.h"
#include "platform/scenario/schema.h"

namespace gradus::explore {

namespace {

using Json = nlohmann::ordered_json;

/// Short names if they tell the results apart.
std::vector<std::string> titles(const std::vector<ResultFile>& results) {
    std::vector<std::string> names;
    for (const ResultFile& result : results)
        names.push_back(report::plain(result.text("/scenario/name"), 40));
    const std::set<std::string> different(names.begin(), names.end());
    if (different.size() == names.size() && !different.count("")) return names;
    for (std::size_t i = 0; i < results.size(); ++i)
        names[i] = report::plain(results[i].title, 60);
    return names;
}

std::string value_text(const Json& value) {
    if (value.is_string()) return report::plain(value.get<std::string>(), 40);
    return value.is_structured() ? "-" : value.dump();
}

std::vector<InputRow> different_inputs(const std::vector<ResultFile>& results) {
    std::vector<InputRow> rows;
    for (const scenario::Parameter& parameter : scenario::schema()) {
        std::string pointer = "/scenario/" + std::string(parameter.key);
        std::replace(pointer.begin(), pointer.end(), '.', '/');
        const Json::json_pointer at(pointer);
        InputRow row{std::string(parameter.key), std::string(parameter.unit), {}};
        for (const ResultFile& result : results)
            row.values.push_back(result.result.contains(at) ? value_text(result.result.at(at)) : "-");
        if (std::set<std::string>(row.values.begin(), row.values.end()).size() > 1) rows.push_back(std::move(row));
    }
    return rows;
}

constexpr std::size_t most_entries = 256; // of units, phases or memories: far more than a chip has

const Json& short_list(const ResultFile& result, const char* pointer) {
    const Json& list = result.list(pointer);
    if (list.size() > most_entries)
        throw ResultError(fmt::format("{}: {} has more than {} entries", result.title, pointer, most_entries));
    return list;
}

/// Figures by group and name, in the order in which they first come.
class FigureList {
public:
    explicit FigureList(std::size_t results) : results_(results) {}

    void put(std::size_t result, const std::string& group, const std::string& name, Quantity quantity, double value) {
        const auto same = [&](const FigureRow& row) { return row.group == group && row.name == name; };
        auto row = std::find_if(rows_.begin(), rows_.end(), same);
        if (row == rows_.end()) {
            // Behind the last of its group, so that what only a later result has stands with its like.
            const auto last =
                std::find_if(rows_.rbegin(), rows_.rend(), [&](const FigureRow& each) { return each.group == group; });
            row = rows_.insert(last == rows_.rend() ? rows_.end() : last.base(),
                               {group, name, quantity, std::vector<std::optional<double>>(results_)});
        }
        row->values[result] = value;
    }

    std::vector<FigureRow> rows() && { return std::move(rows_); }

private:
    std::size_t results_;
    std::vector<FigureRow> rows_;
};

double stalled_ps(const ResultFile& result, const Json& unit) {
    const auto stalls = unit.find("stalled_ps");
    if (stalls == unit.end() || !stalls->is_object())
        throw ResultError(result.title + ": a unit of this result has no stalled_ps");
    double sum = 0;
    for (const char* reason : {"fetch", "memory", "bus"})
        sum += result.number(*stalls, reason);
    if (const auto fence = stalls->find("fence"); fence != stalls->end() && fence->is_object())
        for (const auto& [queue, time] : fence->items())
            if (time.is_number()) sum += time.get<double>();
    return sum;
}

void put_dram(FigureList& figures, std::size_t index, const ResultFile& result, const Json& dram, double time_ps) {
    figures.put(index, "DRAM", "rate", Quantity::bytes_per_second, result.number(dram, "bytes_per_second"));
    if (time_ps > 0)
        figures.put(index, "DRAM", "data bus busy", Quantity::share, result.number(dram, "busy_ps") / time_ps);
    if (!dram.contains("row_hits")) return;
    const double hits = result.number(dram, "row_hits");
    const double bursts = hits + result.number(dram, "row_misses") + result.number(dram, "row_conflicts");
    if (bursts > 0) figures.put(index, "DRAM", "row hits", Quantity::share, hits / bursts);
}

void put_phases(FigureList& figures, std::size_t index, const ResultFile& result, const char* pointer) {
    for (const Json& phase : short_list(result, pointer))
        figures.put(index, "phase", result.text(phase, "name"), Quantity::time_ps, result.number(phase, "time_ps"));
}

void put_step_figures(FigureList& figures, std::size_t index, const ResultFile& result) {
    figures.put(index, "time", "a step", Quantity::time_ps, result.number("/steady/time_ps"));
    figures.put(index, "time", "tokens", Quantity::tokens_per_second, result.number("/steady/tokens_per_second"));
    put_phases(figures, index, result, "/steady/phases");
    for (const auto& [name, usage] : result.object("/steady/units_ps").items()) {
        figures.put(index, name, "busy", Quantity::time_ps, result.number(usage, "busy"));
        double stalled = 0;
        for (const char* reason : {"fetch", "fence", "memory", "bus"})
            stalled += result.number(usage, reason);
        figures.put(index, name, "stalled", Quantity::time_ps, stalled);
    }
    figures.put(index, "DRAM", "moved", Quantity::bytes, result.number("/steady/dram_bytes"));
    put_dram(figures, index, result, result.object("/steady/dram"), result.number("/steady/time_ps"));
    figures.put(index, "hart", "instructions", Quantity::count, result.number("/steady/instructions"));
}

void put_costs(FigureList& figures, std::size_t index, const ResultFile& result) {
    const CostValues cost = cost_of(result);
    for (std::size_t i = 0; i < cost.size(); ++i)
        if (const CostFigure& figure = cost_figures()[i]; cost[i])
            figures.put(index, figure.group, figure.name, figure.quantity, *cost[i]);
}

void put_run_figures(FigureList& figures, std::size_t index, const ResultFile& result) {
    put_phases(figures, index, result, "/phases");
    for (const Json& unit : short_list(result, "/units")) {
        const std::string name = result.text(unit, "name");
        figures.put(index, name, "busy", Quantity::time_ps, result.number(unit, "busy_ps"));
        figures.put(index, name, "stalled", Quantity::time_ps, stalled_ps(result, unit));
    }
    for (const Json& memory : short_list(result, "/memories")) {
        if (result.text(memory, "name") != "dram") continue;
        figures.put(index, "DRAM", "moved", Quantity::bytes,
                    result.number(memory, "bytes_read") + result.number(memory, "bytes_written"));
        put_dram(figures, index, result, memory, result.number("/totals/time_ps"));
    }
    figures.put(index, "hart", "instructions", Quantity::count, result.number("/totals/instructions"));
}

bool has_step(const ResultFile& result) { return result.result.contains(Json::json_pointer("/steady/critical_path")); }

std::vector<std::string> notes(const std::vector<ResultFile>& results) {
    std::vector<std::string> all;
    const auto differs = [&](const char* pointer) {
        return std::any_of(results.begin(), results.end(), [&](const ResultFile& result) {
            return result.number(pointer) != results.front().number(pointer);
        });
    };
    const auto stepless = std::find_if_not(results.begin(), results.end(), has_step);
    if (stepless != results.end())
        all.push_back(fmt::format("{} has no finished step: all figures are of whole runs", stepless->title));
    if (differs("/totals/tokens_per_step"))
        all.emplace_back("a step has different numbers of tokens: compare tokens/s, not times");
    if (differs("/totals/parameters"))
        all.emplace_back("the models have different numbers of parameters: they do different work");
    return all;
}

} // namespace

std::optional<double> FigureRow::ratio(std::size_t index) const {
    if (!values[index] || !values[0] || *values[0] == 0) return std::nullopt;
    return *values[index] / *values[0];
}

Comparison compare(std::vector<ResultFile> results) {
    Comparison comparison;
    comparison.titles = titles(results);
    for (std::size_t i = 0; i < results.size(); ++i)
        results[i].title = comparison.titles[i];
    comparison.inputs = different_inputs(results);
    comparison.notes = notes(results);
    FigureList figures(results.size());
    const bool steps = std::all_of(results.begin(), results.end(), has_step);
    for (std::size_t i = 0; i < results.size(); ++i) {
        figures.put(i, "time", "the run", Quantity::time_ps, results[i].number("/totals/time_ps"));
        put_costs(figures, i, results[i]);
        (steps ? put_step_figures : put_run_figures)(figures, i, results[i]);
        comparison.bounds.push_back(report::plain(results[i].text("/bound"), 400));
    }
    comparison.figures = std::move(figures).rows();
    const std::optional<StepPath> base = step_path_of(results.front());
    for (std::size_t i = 1; i < results.size(); ++i) {
        const std::optional<StepPath> path = step_path_of(results[i]);
        comparison.causes.emplace_back();
        if (!base || !path) continue;
        const Cause cause = cause_of(*base, *path);
        comparison.causes.back() = {cause, sentence_of(cause, comparison.titles[0], comparison.titles[i])};
    }
    return comparison;
}

} // namespace gradus::explore
