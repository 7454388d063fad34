// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/cause.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/report/human.h"

namespace gradus::explore {

namespace {

using Json = nlohmann::ordered_json;

constexpr double longest_time = 9e18; // of 64 bits; a file may hold any number
constexpr double many = 0.01;         // of all bursts: rarer rows cost nothing that matters
constexpr double differs = 0.1;       // of a count
constexpr std::size_t most = 3;       // parts in a sentence
constexpr double matters = 0.03;      // of the difference

/// By name.
std::map<std::string, std::string> kinds_of_units(const ResultFile& result) {
    std::map<std::string, std::string> kinds;
    for (const Json& unit : result.list("/units"))
        kinds[result.text(unit, "name")] = result.text(unit, "kind");
    return kinds;
}

std::vector<Count> counts_of(const ResultFile& result) {
    std::vector<Count> counts{{"instructions", result.number("/steady/instructions")},
                              {"commands", result.number("/steady/commands")},
                              {"DRAM bytes", result.number("/steady/dram_bytes")}};
    if (!result.result.contains(Json::json_pointer("/steady/dram/row_hits"))) return counts;
    const double misses = result.number("/steady/dram/row_misses");
    const double conflicts = result.number("/steady/dram/row_conflicts");
    const double bursts = result.number("/steady/dram/row_hits") + misses + conflicts;
    for (const auto& [name, count] : {std::pair{"DRAM row misses", misses}, {"DRAM row conflicts", conflicts}})
        counts.push_back({name, count, count >= many * bursts});
    return counts;
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

std::vector<CountChange> count_changes(const StepPath& base, const StepPath& path) {
    std::vector<CountChange> list;
    for (const Count& to : path.counts)
        for (const Count& from : base.counts)
            if (from.name == to.name && (from.matters || to.matters) && to.value != from.value &&
                std::abs(to.value - from.value) >= differs * from.value)
                list.push_back({to.name, from.value, to.value});
    const auto growth = [](const CountChange& count) { return count.to / std::max(count.from, 1.0); };
    std::stable_sort(list.begin(), list.end(),
                     [&](const CountChange& a, const CountChange& b) { return growth(a) > growth(b); });
    return list;
}

std::string time_text(double ps) {
    // Differences of what a file holds may be no number.
    return report::human_time(static_cast<ip::Picoseconds>(std::abs(ps) < longest_time ? std::abs(ps) : longest_time));
}

std::string part_text(const PathChange& part) {
    const bool hart = part.name == "cpu";
    const std::string unit = part.name == "dma" ? "the DMA channels" : part.name;
    if (part.reason == "execute") return hart ? "the hart's instructions" : unit + " executing";
    if (part.reason == "memory") return hart ? "the hart waiting for the bus" : unit + " waiting for memory";
    if (part.reason == "fetch") return unit + " waiting for descriptors";
    return hart ? "the hart asleep" : unit + " waiting";
}

/// "the hart's instructions shrank by 1.2 ms (95 %), dma executing grew by 3 us (-0.2 %)"
std::string parts_text(const std::vector<PathChange>& parts, double change_ps) {
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

std::string growth_text(const CountChange& count) {
    return count.from > 0 ? fmt::format("by {:.0f} %", 100 * (count.to / count.from - 1)) : "from none";
}

std::string counts_text(const Cause& cause) {
    std::string text;
    for (const CountChange& count : cause.counts)
        if (count.to > count.from)
            text += fmt::format("{}{} grew {} to {}", text.empty() ? "" : ", ", count.name, growth_text(count),
                                report::human_count(count.to));
    return text;
}

} // namespace

std::optional<StepPath> step_path_of(const ResultFile& result) {
    if (!result.result.contains(Json::json_pointer("/steady/critical_path"))) return std::nullopt;
    StepPath path;
    path.step_ps = result.number("/steady/time_ps");
    const std::map<std::string, std::string> kinds = kinds_of_units(result);
    for (const Json& unit : result.list("/steady/critical_path/units")) {
        const std::string name = result.text(unit, "name");
        const auto kind = kinds.find(name);
        for (const char* reason : {"execute", "memory", "fetch", "wait"})
            path.units[{kind == kinds.end() ? name : kind->second, reason}] +=
                result.number(unit, fmt::format("{}_ps", reason));
    }
    for (const Json& op : result.list("/steady/critical_path/ops"))
        path.ops[{result.text(op, "phase"), result.text(op, "name")}] += result.number(op, "time_ps");
    path.counts = counts_of(result);
    return path;
}

Cause cause_of(const StepPath& base, const StepPath& path) {
    Cause cause;
    cause.step_ps = path.step_ps;
    cause.change_ps = path.step_ps - base.step_ps;
    cause.units = changes(base.units, path.units, [](const auto& key, double change) {
        return PathChange{report::plain(key.first, 16), key.second, change};
    });
    cause.ops = changes(base.ops, path.ops, [](const auto& key, double change) {
        return PathChange{report::plain(key.first + " " + key.second, 60), "", change};
    });
    cause.counts = count_changes(base, path);
    return cause;
}

std::string sentence_of(const Cause& cause, const std::string& base_title, const std::string& title) {
    std::string text;
    if (std::abs(cause.change_ps) < 1)
        text = fmt::format("A step of {} takes exactly as long as one of {}.", title, base_title);
    else
        text = fmt::format("A step of {} takes {} where one of {} takes {}: {} {}, {:.3g}x the speed.", title,
                           time_text(cause.step_ps), base_title, time_text(cause.step_ps - cause.change_ps),
                           time_text(cause.change_ps), cause.change_ps < 0 ? "less" : "more",
                           (cause.step_ps - cause.change_ps) / cause.step_ps);
    if (!cause.units.empty())
        text += fmt::format(" On the critical path {}.", parts_text(cause.units, cause.change_ps));
    if (std::abs(cause.change_ps) < 1) return text;
    if (!cause.ops.empty())
        text += fmt::format(" By operator, {} changed most: {} {}.", cause.ops.front().name,
                            time_text(cause.ops.front().change_ps), cause.ops.front().change_ps < 0 ? "less" : "more");
    if (const std::string counts = counts_text(cause); cause.change_ps > 0 && !counts.empty())
        text += fmt::format(" Of what is counted in a step, {}.", counts);
    return text;
}

std::string what_grew(const Cause& cause) {
    std::vector<PathChange> grown;
    std::copy_if(cause.units.begin(), cause.units.end(), std::back_inserter(grown),
                 [](const PathChange& part) { return part.change_ps > 0; });
    std::string text;
    if (!grown.empty()) text = "on the critical path " + parts_text(grown, cause.change_ps);
    if (const std::string counts = counts_text(cause); !counts.empty()) text += (text.empty() ? "" : "; ") + counts;
    return text;
}

} // namespace gradus::explore
