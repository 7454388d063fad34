// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/op_table.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/report/human.h"
#include "platform/report/layout.h"

namespace gradus::cli {

namespace {

using Json = nlohmann::ordered_json;
using report::Table;

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

bool has_names(const Json& results) {
    return std::any_of(results.begin(), results.end(), [](const Json& entry) { return entry.contains("name"); });
}

/// The layer if layers have names, and the shape, are the first columns.
std::vector<Table::Column> label_columns(bool named) {
    constexpr std::size_t least_name = 10;
    std::vector<Table::Column> columns;
    if (named) columns.push_back({"layer", Table::Align::left, 5, least_name});
    columns.push_back({"shape", Table::Align::left});
    return columns;
}

std::vector<std::string> labels(bool named, const std::string& name, const std::string& shape) {
    return named ? std::vector<std::string>{report::plain(name, 40), shape} : std::vector<std::string>{shape};
}

std::vector<std::string> labels(bool named, const Json& entry) {
    const std::string shape = entry["shape"].get<std::string>();
    return labels(named, entry.value("name", ""),
                  times(entry) == 1 ? shape : fmt::format("{} times {}", times(entry), shape));
}

/// Of a network: its layers one after the other.
std::vector<std::string> total_row(const Json& results) {
    double cycles = 0, time = 0, macs = 0;
    for (const Json& entry : results) {
        cycles += static_cast<double>(times(entry)) * entry["cycles"].get<double>();
        time += static_cast<double>(times(entry)) * entry["time_ps"].get<double>();
        macs += static_cast<double>(times(entry)) * entry["macs"].get<double>();
    }
    std::vector<std::string> cells = labels(true, "all", "");
    const std::string sums[] = {cycles_text(cycles),
                                report::human_time(static_cast<ip::Picoseconds>(time)),
                                report::human_count(macs),
                                "",
                                "",
                                "",
                                "layers one after the other"};
    cells.insert(cells.end(), std::begin(sums), std::end(sums));
    return cells;
}

} // namespace

std::string op_time_table(const Json& results, std::size_t width) {
    constexpr auto right = Table::Align::right;
    const bool named = has_names(results);
    std::vector<Table::Column> columns = label_columns(named);
    for (const Table::Column& column : {Table::Column{"cycles", right, 11},
                                        {"time", right, 9},
                                        {"MACs", right, 8},
                                        {"of peak", right},
                                        {"DRAM", right, 9},
                                        {"DRAM rate", right, 11},
                                        {"bound", Table::Align::prose}})
        columns.push_back(column);
    Table table(std::move(columns));
    for (const Json& entry : results) {
        const double bytes = entry["dram_bytes_read"].get<double>() + entry["dram_bytes_written"].get<double>();
        std::vector<std::string> cells = labels(named, entry);
        for (std::string& cell :
             std::vector<std::string>{cycles_text(entry["cycles"].get<double>()), report::human_time(entry["time_ps"]),
                                      report::human_count(entry["macs"]), report::human_percent(entry["utilisation"]),
                                      report::human_bytes(bytes),
                                      report::human_rate(entry["dram_bytes_per_second"], "B"), bound_text(entry)})
            cells.push_back(std::move(cell));
        table.row(std::move(cells));
    }
    if (named) table.row(total_row(results));
    return table.text(width);
}

std::string op_energy_table(const Json& results, std::size_t width) {
    constexpr auto right = Table::Align::right;
    const bool named = has_names(results);
    const bool products = results[0]["energy"].contains("pj_per_mac");
    const char* const each = products ? "pj_per_mac" : "pj_per_element";
    std::vector<Table::Column> columns = label_columns(named);
    for (const Table::Column& column : {Table::Column{"energy", right, 11},
                                        {"from", right, 9},
                                        {"to", right, 9},
                                        {products ? "pJ/MAC" : "pJ/element", right, 11},
                                        {"power", right, 9}})
        columns.push_back(column);
    if (products) columns.push_back({"TOPS/W", right, 9});
    columns.push_back({"most of it", Table::Align::prose});
    Table table(std::move(columns));
    for (const Json& entry : results) {
        const Json& energy = entry["energy"];
        std::vector<std::string> cells = labels(named, entry);
        for (const char* figure : {"total_j", "low_j", "high_j"})
            cells.push_back(report::human_energy(energy[figure]));
        cells.push_back(fmt::format("{:.4g}", energy[each].get<double>()));
        cells.push_back(report::human_power(energy["average_w"]));
        if (products) cells.push_back(fmt::format("{:.3g}", energy["tops_per_watt"].get<double>()));
        cells.push_back(largest_blocks(energy));
        table.row(std::move(cells));
    }
    return table.text(width);
}

} // namespace gradus::cli
