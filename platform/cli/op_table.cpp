// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/op_table.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/report/human.h"

namespace gradus::cli {

namespace {

using Json = nlohmann::ordered_json;
using report::left;
using report::right;

constexpr double full_share = 0.70; // of a lower bound, from which on it is what bounds the operator

std::string bound_text(const Json& entry) {
    if (const double share = entry.value("of_tightest_bound", 0.0); share >= full_share)
        return fmt::format("{}, {} of it", entry["tightest_bound"].get<std::string>(), report::human_percent(share));
    std::vector<std::pair<double, std::string>> path;
    for (const auto& [unit, time] : entry["critical_path_ps"].items())
        path.emplace_back(-time.get<double>() / entry["time_ps"].get<double>(), unit);
    std::sort(path.begin(), path.end());
    std::string text = "latency:";
    for (std::size_t i = 0; i < std::min<std::size_t>(path.size(), 3); ++i)
        text += fmt::format("{} {} {}", i ? "," : "", path[i].second, report::human_percent(-path[i].first));
    return text;
}

/// The blocks that take most of it, largest first.
std::string largest_blocks(const Json& energy) {
    std::vector<std::pair<double, std::string>> blocks;
    for (const Json& block : energy["blocks"])
        blocks.emplace_back(-block["total_j"].get<double>(), block["name"]);
    std::sort(blocks.begin(), blocks.end());
    std::string text;
    for (std::size_t i = 0; i < 2; ++i)
        text += fmt::format("{}{} {}", i ? ", " : "", blocks[i].second,
                            report::human_percent(-blocks[i].first / energy["total_j"].get<double>()));
    return text;
}

std::string cycles_text(double cycles) { return fmt::format("{:.10g}", cycles); }

std::uint64_t times(const Json& entry) { return entry.value("times", std::uint64_t{1}); }

/// What names a row: the layer if it has a name, its shape, and how many of it there are.
class Labels {
public:
    explicit Labels(const Json& results) {
        for (const Json& entry : results) {
            named_ = named_ || entry.contains("name");
            name_ = std::max(name_, report::columns(name_of(entry)) + 2);
            shape_ = std::max(shape_, report::columns(shape_of(entry)));
        }
    }
    bool named() const { return named_; }
    std::string head() const { return row("layer", "shape"); }
    std::string of(const Json& entry) const { return row(name_of(entry), shape_of(entry)); }
    std::string total() const { return row("all", ""); }

private:
    static std::string name_of(const Json& entry) { return report::plain(entry.value("name", ""), 40); }
    static std::string shape_of(const Json& entry) {
        std::string shape = entry["shape"].get<std::string>();
        return times(entry) == 1 ? shape : fmt::format("{} times {}", times(entry), shape);
    }
    std::string row(const std::string& name, const std::string& shape) const {
        return (named_ ? left(name, name_) : "") + left(shape, shape_);
    }

    bool named_ = false;
    std::size_t name_ = 7;
    std::size_t shape_ = 5;
};

/// Of a network: its layers one after the other.
std::string total_line(const Labels& labels, const Json& results) {
    double cycles = 0, time = 0, macs = 0;
    for (const Json& entry : results) {
        cycles += static_cast<double>(times(entry)) * entry["cycles"].get<double>();
        time += static_cast<double>(times(entry)) * entry["time_ps"].get<double>();
        macs += static_cast<double>(times(entry)) * entry["macs"].get<double>();
    }
    return fmt::format("{}{:>13}{}{}  layers one after the other\n", labels.total(), cycles_text(cycles),
                       right(report::human_time(static_cast<ip::Picoseconds>(time)), 11),
                       right(report::human_count(macs), 10));
}

} // namespace

std::string op_time_table(const Json& results) {
    const Labels labels(results);
    std::string text = fmt::format("{}{}{}{}{}{}{}  bound\n", labels.head(), right("cycles", 13), right("time", 11),
                                   right("MACs", 10), right("of peak", 9), right("DRAM", 11), right("DRAM rate", 13));
    for (const Json& entry : results) {
        const double bytes = entry["dram_bytes_read"].get<double>() + entry["dram_bytes_written"].get<double>();
        text +=
            fmt::format("{}{:>13}{}{}{}{}{}  {}\n", labels.of(entry), cycles_text(entry["cycles"].get<double>()),
                        right(report::human_time(entry["time_ps"]), 11), right(report::human_count(entry["macs"]), 10),
                        right(report::human_percent(entry["utilisation"]), 9), right(report::human_bytes(bytes), 11),
                        right(report::human_rate(entry["dram_bytes_per_second"], "B"), 13), bound_text(entry));
    }
    return labels.named() ? text + total_line(labels, results) : text;
}

std::string op_energy_table(const Json& results) {
    const Labels labels(results);
    const bool products = results[0]["energy"].contains("pj_per_mac");
    const char* const each = products ? "pj_per_mac" : "pj_per_element";
    std::string text = fmt::format("{}{}{}{}{}{}  most of it\n", labels.head(), right("energy", 13), right("from", 11),
                                   right("to", 11), right(products ? "pJ/MAC" : "pJ/element", 13),
                                   right("power", 11) + (products ? right("TOPS/W", 11) : ""));
    for (const Json& entry : results) {
        const Json& energy = entry["energy"];
        text += fmt::format(
            "{}{}{}{}{}{}{}  {}\n", labels.of(entry), right(report::human_energy(energy["total_j"]), 13),
            right(report::human_energy(energy["low_j"]), 11), right(report::human_energy(energy["high_j"]), 11),
            right(fmt::format("{:.4g}", energy[each].get<double>()), 13),
            right(report::human_power(energy["average_w"]), 11),
            products ? right(fmt::format("{:.3g}", energy["tops_per_watt"].get<double>()), 11) : "",
            largest_blocks(energy));
    }
    return text;
}

} // namespace gradus::cli
