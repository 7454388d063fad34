// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/compare.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "platform/report/human.h"
#include "platform/scenario/schema.h"

namespace gradus::explore {

namespace {

using Json = nlohmann::ordered_json;

constexpr double longest_time = 9e18; // of 64 bits; a file may hold any number

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

constexpr std::size_t most_rows = 256; // of units, phases or memories: far more than a chip has

const Json& short_list(const ResultFile& result, const char* pointer) {
    const Json& list = result.list(pointer);
    if (list.size() > most_rows)
        throw ResultError(fmt::format("{}: {} has more than {} entries", result.title, pointer, most_rows));
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

void put_dram(FigureList& figures, std::size_t index, const ResultFile& result, const Json& dram) {
    figures.put(index, "DRAM", "moved", Quantity::bytes,
                result.number(dram, "bytes_read") + result.number(dram, "bytes_written"));
    figures.put(index, "DRAM", "rate", Quantity::bytes_per_second, result.number(dram, "bytes_per_second"));
    if (const double time = result.number("/totals/time_ps"); time > 0)
        figures.put(index, "DRAM", "data bus busy", Quantity::share, result.number(dram, "busy_ps") / time);
    if (!dram.contains("row_hits")) return;
    const double hits = result.number(dram, "row_hits");
    const double bursts = hits + result.number(dram, "row_misses") + result.number(dram, "row_conflicts");
    if (bursts > 0) figures.put(index, "DRAM", "row hits", Quantity::share, hits / bursts);
}

void put_figures(FigureList& figures, std::size_t index, const ResultFile& result) {
    if (result.result.contains("steady")) {
        figures.put(index, "time", "a step", Quantity::time_ps, result.number("/steady/time_ps"));
        figures.put(index, "time", "tokens", Quantity::tokens_per_second, result.number("/steady/tokens_per_second"));
    }
    figures.put(index, "time", "the run", Quantity::time_ps, result.number("/totals/time_ps"));
    for (const Json& phase : short_list(result, "/phases"))
        figures.put(index, "phase", result.text(phase, "name"), Quantity::time_ps, result.number(phase, "time_ps"));
    for (const Json& unit : short_list(result, "/units")) {
        const std::string name = result.text(unit, "name");
        figures.put(index, name, "busy", Quantity::time_ps, result.number(unit, "busy_ps"));
        figures.put(index, name, "stalled", Quantity::time_ps, stalled_ps(result, unit));
    }
    for (const Json& memory : short_list(result, "/memories"))
        if (result.text(memory, "name") == "dram") put_dram(figures, index, result, memory);
    figures.put(index, "hart", "instructions", Quantity::count, result.number("/totals/instructions"));
}

/// Of a mean step, in picoseconds.
struct Path {
    double step = 0;
    std::map<std::pair<std::string, std::string>, double> units; ///< by unit and reason
    std::map<std::pair<std::string, std::string>, double> ops;   ///< by phase and name
};

std::optional<Path> path_of(const ResultFile& result) {
    const double steps = result.number("/totals/steps");
    if (steps <= 0) return std::nullopt;
    Path path;
    path.step = result.number("/totals/training_time_ps") / steps;
    for (const Json& unit : result.list("/critical_path/units"))
        for (const char* reason : {"execute", "memory", "fetch", "wait"})
            path.units[{result.text(unit, "name"), reason}] +=
                result.number(unit, fmt::format("{}_ps", reason)) / steps;
    for (const Json& op : result.list("/critical_path/ops"))
        path.ops[{result.text(op, "phase"), result.text(op, "name")}] += result.number(op, "time_ps") / steps;
    return path;
}

template <typename Parts, typename Name>
std::vector<PathChange> changes(const Parts& from, const Parts& to, const Name& name) {
    auto differences = to;
    for (const auto& [key, time] : from)
        differences[key] -= time;
    std::vector<PathChange> list;
    for (const auto& [key, change] : differences)
        if (std::abs(change) >= 1) list.push_back(name(key, change));
    std::stable_sort(list.begin(), list.end(), [](const PathChange& a, const PathChange& b) {
        return std::abs(a.change_ps) > std::abs(b.change_ps);
    });
    return list;
}

std::string time_text(double ps) {
    // Differences of what a file holds may be no number.
    return report::human_time(static_cast<ip::Picoseconds>(std::abs(ps) < longest_time ? std::abs(ps) : longest_time));
}

std::string part_text(const PathChange& part) {
    const bool hart = part.name == "cpu";
    if (part.reason == "execute") return hart ? "the hart's instructions" : part.name + " executing";
    if (part.reason == "memory") return hart ? "the hart waiting for the bus" : part.name + " waiting for memory";
    if (part.reason == "fetch") return part.name + " waiting for descriptors";
    return hart ? "the hart asleep" : part.name + " waiting";
}

/// "the hart's instructions shrank by 1.2 ms (95 %), dma0 executing grew by 3 us (-0.2 %)"
std::string parts_text(const std::vector<PathChange>& parts, double change_ps) {
    constexpr std::size_t most = 3;
    constexpr double matters = 0.03; // of the difference
    std::string text;
    for (std::size_t i = 0; i < std::min(parts.size(), most); ++i) {
        const PathChange& part = parts[i];
        if (i > 0 && std::abs(part.change_ps) < matters * std::abs(change_ps)) break;
        text += fmt::format("{}{} {} by {}", i ? ", " : "", part_text(part), part.change_ps < 0 ? "shrank" : "grew",
                            time_text(part.change_ps));
        if (std::abs(change_ps) >= 1)
            text += fmt::format(" ({:.0f} % of the difference)", 100 * part.change_ps / change_ps);
    }
    return text;
}

Cause cause_of(const Path& base, const Path& path, const std::string& base_title, const std::string& title) {
    Cause cause;
    cause.step_ps = path.step;
    cause.change_ps = path.step - base.step;
    cause.units = changes(base.units, path.units, [](const auto& key, double change) {
        return PathChange{report::plain(key.first, 16), key.second, change};
    });
    cause.ops = changes(base.ops, path.ops, [](const auto& key, double change) {
        return PathChange{report::plain(key.first + " " + key.second, 60), "", change};
    });
    if (std::abs(cause.change_ps) < 1) {
        cause.sentence = fmt::format("Over all of the training, a step of {} takes exactly as long as one of {}.",
                                     title, base_title);
        if (!cause.units.empty())
            cause.sentence += fmt::format(" On the critical path {}.", parts_text(cause.units, cause.change_ps));
        return cause;
    }
    cause.sentence = fmt::format(
        "Over all of the training, a step of {} takes {} where one of {} takes {}: {} {}, {:.3g}x the speed.", title,
        time_text(path.step), base_title, time_text(base.step), time_text(cause.change_ps),
        cause.change_ps < 0 ? "less" : "more", base.step / path.step);
    cause.sentence += fmt::format(" On the critical path {}.", parts_text(cause.units, cause.change_ps));
    if (!cause.ops.empty())
        cause.sentence +=
            fmt::format(" By operator, {} changed most: {} {}.", cause.ops.front().name,
                        time_text(cause.ops.front().change_ps), cause.ops.front().change_ps < 0 ? "less" : "more");
    return cause;
}

std::vector<std::string> notes(const std::vector<ResultFile>& results) {
    std::vector<std::string> all;
    const auto differs = [&](const char* pointer) {
        return std::any_of(results.begin(), results.end(), [&](const ResultFile& result) {
            return result.number(pointer) != results.front().number(pointer);
        });
    };
    if (differs("/totals/steps"))
        all.emplace_back(
            "the runs have different numbers of steps: compare a step and tokens/s, not totals of the run");
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
    for (std::size_t i = 0; i < results.size(); ++i) {
        put_figures(figures, i, results[i]);
        comparison.bounds.push_back(report::plain(results[i].text("/bound"), 400));
    }
    comparison.figures = std::move(figures).rows();
    const std::optional<Path> base = path_of(results.front());
    for (std::size_t i = 1; i < results.size(); ++i) {
        const std::optional<Path> path = path_of(results[i]);
        comparison.causes.push_back(
            base && path ? std::optional(cause_of(*base, *path, comparison.titles[0], comparison.titles[i]))
                         : std::nullopt);
    }
    return comparison;
}

} // namespace gradus::explore
