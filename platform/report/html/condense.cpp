// SPDX-License-Identifier: Apache-2.0
#include "platform/report/html/condense.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;

/// Shown as they are.
constexpr std::array whole = {"scenario",  "origins",        "chip",         "totals",  "steady",
                              "bound",     "warnings",       "lower_bounds", "units",   "phases",
                              "layers",    "kinds",          "memories",     "traffic", "instructions_by_class",
                              "texts",     "texts_left_out", "host",         "energy",  "area",
                              "over_time", "timeline",       "memory_plan"};

constexpr std::array labels_of_op = {"name", "op", "phase", "layer", "kind", "shape"};
constexpr std::array sums_of_op = {
    "time_ps", "commands", "macs", "elements", "dram_bytes_read", "dram_bytes_written", "critical_path_ps"};

/// Numbers of steps are integers, unless somebody wrote something else.
Json number_of(const StepFigures& step) {
    constexpr double exact = 9007199254740992.0; // 2^53
    const bool whole = std::floor(step.step) == step.step && std::abs(step.step) < exact;
    return whole ? Json(static_cast<std::int64_t>(step.step)) : Json(step.step);
}

Json window_of_steps(const StepFigures* begin, const StepFigures* end) {
    double time = 0;
    double sum = 0;
    double least = 0;
    double largest = 0;
    std::size_t losses = 0;
    for (const StepFigures* step = begin; step != end; ++step) {
        time += step->time_ps;
        if (std::isnan(step->loss)) continue;
        least = losses ? std::min(least, step->loss) : step->loss;
        largest = losses ? std::max(largest, step->loss) : step->loss;
        sum += step->loss;
        ++losses;
    }
    const auto or_null = [&](double value) { return losses ? Json(value) : Json(nullptr); };
    return {{"first", number_of(*begin)},
            {"count", end - begin},
            {"time_ps", time},
            {"loss", or_null(sum / static_cast<double>(std::max<std::size_t>(losses, 1)))},
            {"least_loss", or_null(least)},
            {"largest_loss", or_null(largest)}};
}

Json condensed_steps(const std::vector<StepFigures>& steps) {
    const std::size_t width = (steps.size() + most_step_windows - 1) / most_step_windows;
    Json windows = Json::array();
    for (std::size_t first = 0; first < steps.size(); first += width)
        windows.push_back(window_of_steps(steps.data() + first, steps.data() + std::min(first + width, steps.size())));
    return windows;
}

/// Of more of them than this, every second, third, ... and the last.
Json condensed_validation(const Json& validation) {
    const Json& runs = validation["runs"];
    const std::size_t every = (runs.size() + most_step_windows - 1) / most_step_windows;
    Json kept = {{"loss", validation["loss"]}, {"time_ps", validation["time_ps"]}, {"runs", Json::array()}};
    for (std::size_t i = 0; i < runs.size(); ++i)
        if ((i + 1) % every == 0 || i + 1 == runs.size())
            kept["runs"].push_back(
                {{"step", runs[i]["step"]}, {"loss", runs[i]["loss"]}, {"time_ps", runs[i]["time_ps"]}});
    return kept;
}

Json condensed_op(const Json& op) {
    Json kept;
    for (const char* field : labels_of_op)
        kept[field] = op[field];
    for (const char* field : sums_of_op)
        kept[field] = op[field];
    return kept;
}

Json grouped_ops(const Json& ops) {
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> places;
    Json groups = Json::array();
    for (const Json& op : ops) {
        const auto key =
            std::make_tuple(op["phase"].get<std::string>(), op["layer"].dump(), op["kind"].get<std::string>());
        const auto [found, is_new] = places.try_emplace(key, groups.size());
        if (is_new) {
            groups.push_back(condensed_op(op));
            groups.back()["name"] = op["kind"];
            groups.back()["op"] = nullptr;
            groups.back()["shape"] = "several";
            continue;
        }
        Json& group = groups[found->second];
        for (const char* field : sums_of_op)
            group[field] = group[field].get<double>() + op[field].get<double>();
    }
    return groups;
}

/// Bytes of activations in the course of a mean step: an operator begins where those before it have been charged.
Json alive_in_a_step(const Json& result) {
    const Json& bytes = result["memory_plan"]["activation_bytes_by_op"];
    const double steps = result["totals"]["steps"].get<double>();
    std::vector<double> charged(bytes.size());
    for (const Json& op : result["ops"]) {
        if (op["op"].is_null() || op["phase"] == "generate" || op["phase"] == "validate") continue;
        const double number = op["op"].get<double>();
        if (number >= 0 && number < static_cast<double>(charged.size()))
            charged[static_cast<std::size_t>(number)] += op["time_ps"].get<double>() / steps;
    }
    double time = 0;
    Json course = Json::array();
    for (std::size_t op = 0; op < charged.size(); ++op) {
        course.push_back({time, bytes[op]});
        time += charged[op];
    }
    if (!(time > 0) || !std::isfinite(time)) return nullptr;
    return {{"course", std::move(course)}, {"length_ps", time}};
}

} // namespace

Json condensed(const CheckedResult& checked) {
    const Json& result = checked.json;
    Json kept;
    for (const char* field : whole)
        if (const auto found = result.find(field); found != result.end()) kept[field] = *found;
    kept["critical_path"] = result["critical_path"]["units"];
    if (auto steady = kept.find("steady"); steady != kept.end())
        for (const char* unseen : {"ops", "critical_path", "kinds"})
            steady->erase(unseen);
    if (auto plan = kept.find("memory_plan"); plan != kept.end()) {
        kept["alive"] = alive_in_a_step(result);
        plan->erase("activation_bytes_by_op");
    }
    if (const auto validation = result.find("validation"); validation != result.end())
        kept["validation"] = condensed_validation(*validation);
    kept["step_count"] = checked.steps.size();
    kept["steps"] = condensed_steps(checked.steps);
    const bool grouped = result["ops"].size() > most_operators;
    kept["op_count"] = result["ops"].size();
    kept["ops_are_groups"] = grouped;
    if (grouped)
        kept["ops"] = grouped_ops(result["ops"]);
    else {
        kept["ops"] = Json::array();
        for (const Json& op : result["ops"])
            kept["ops"].push_back(condensed_op(op));
    }
    return kept;
}

} // namespace gradus::report
