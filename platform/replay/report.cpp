// SPDX-License-Identifier: Apache-2.0
#include "platform/replay/report.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/report/human.h"
#include "platform/report/json_text.h"
#include "platform/report/layout.h"

namespace gradus::replay {

namespace {

using report::human_bytes;
using report::human_count;
using report::human_percent;
using report::human_rate;
using report::human_time;
using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<const char*, double>, 4> quantiles{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}};
constexpr std::size_t most_lines = 32;
constexpr std::size_t bar_width = 12;

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

double per_second(ip::Bytes bytes, ip::Picoseconds time) {
    return ratio(static_cast<double>(bytes), static_cast<double>(time) * 1e-12);
}

double bursts(const Window& window) { return static_cast<double>(window.hits + window.misses + window.conflicts); }

double read_latency(const Window& window) { return ratio(window.read_latency_sum, static_cast<double>(window.reads)); }

double rate_of(const Window& window, ip::Picoseconds length) {
    return per_second(window.bytes_read + window.bytes_written, length);
}

std::string latency_line(const char* name, const LatencyHistogram& histogram) {
    if (histogram.count() == 0) return "";
    std::string line = fmt::format(" {:<9}", name);
    for (const auto& [label, share] : quantiles)
        line += report::left(fmt::format("{} {}", label, human_time(histogram.quantile(share))), 18);
    return line + fmt::format("max {}\n", human_time(histogram.max()));
}

std::string window_table(const Result& result, std::size_t width) {
    const std::size_t together = (result.windows.size() + most_lines - 1) / most_lines;
    if (together == 0) return "";
    std::vector<Window> lines((result.windows.size() + together - 1) / together);
    for (std::size_t i = 0; i < result.windows.size(); ++i)
        lines[i / together].add(result.windows[i]);
    const ip::Picoseconds length = result.window * together;
    double slowest = 0;
    for (const Window& each : lines)
        slowest = std::max(slowest, read_latency(each));

    constexpr auto left = report::Table::Align::left;
    const std::size_t bars = width < report::usual_width ? 0 : bar_width; // beside the figures, where there is room
    report::Table table({{"from", left, 10},
                         {bars ? "bandwidth, of the peak" : "bandwidth", left, bars ? 24U : 11},
                         {"row hits", left, bars ? 20U : 7},
                         {bars ? "mean latency of reads" : "latency", left}},
                        1);
    const auto cell = [&](double share, const std::string& figure) {
        return (bars ? report::bar(share, bars) + " " : "") + figure;
    };
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const Window& each = lines[i];
        const ip::Picoseconds from = i * length;
        const ip::Picoseconds lasted = std::min(length, result.time - std::min(from, result.time));
        const double rate = rate_of(each, lasted), hits = ratio(static_cast<double>(each.hits), bursts(each));
        table.row({human_time(from),
                   cell(std::min(1.0, ratio(rate, result.peak_bytes_per_second)), human_rate(rate, "B")),
                   cell(hits, bursts(each) > 0 ? human_percent(hits) : ""),
                   cell(ratio(read_latency(each), slowest),
                        each.reads ? human_time(static_cast<ip::Picoseconds>(read_latency(each))) : "")});
    }
    return fmt::format("\n every {}\n", human_time(length)) + table.text(width);
}

/// What a trace of another program leaves open, and what was taken for it.
std::string source_line(const Source& source) {
    if (source.format == TraceFormat::gradus) return "";
    std::string line =
        fmt::format(" trace    {}{}", info_of(source.format).name, source.recognised ? ", recognised" : "");
    if (source.cycle_ps)
        line += fmt::format("; cycles of {:.6g} MHz{}", 1e6 / *source.cycle_ps,
                            source.clock_of_dram ? ", the DRAM's clock (--trace-clock)" : "");
    else
        line += "; no times: as fast as the DRAM takes them";
    if (source.request_bytes)
        line += fmt::format("; requests of {} bytes{}", *source.request_bytes,
                            source.bytes_of_burst ? ", a burst (--request-bytes)" : "");
    return line + "\n";
}

Json latency_json(const LatencyHistogram& histogram) {
    Json json{{"count", histogram.count()}, {"mean_ps", histogram.mean()}};
    for (const auto& [label, share] : quantiles)
        json[std::string(label) + "_ps"] = histogram.quantile(share);
    json["max_ps"] = histogram.max();
    return json;
}

} // namespace

std::string as_text(const Result& result, const Source& source, std::size_t width) {
    const Window& total = result.total;
    const ip::Bytes bytes = total.bytes_read + total.bytes_written;
    const double rate = per_second(bytes, result.time), all = bursts(total);
    std::string text = source_line(source);
    text +=
        fmt::format(" requests {} reads of {} in all, {} writes of {}\n", human_count(static_cast<double>(total.reads)),
                    human_bytes(static_cast<double>(total.bytes_read)), human_count(static_cast<double>(total.writes)),
                    human_bytes(static_cast<double>(total.bytes_written)));
    text += fmt::format(" time     {}: {}, {} of the peak of {}\n", human_time(result.time), human_rate(rate, "B"),
                        human_percent(ratio(rate, result.peak_bytes_per_second)),
                        human_rate(result.peak_bytes_per_second, "B"));
    const auto share = [&](std::uint64_t part) { return human_percent(ratio(static_cast<double>(part), all)); };
    text += fmt::format(" rows     {} hits, {} misses, {} conflicts of {} bursts; {} reads from the write queue; "
                        "{} refreshes\n",
                        share(result.rows.hits), share(result.rows.misses), share(result.rows.conflicts),
                        human_count(all), human_count(static_cast<double>(result.rows.forwarded)),
                        human_count(static_cast<double>(result.rows.refreshes)));
    text += latency_line("reads", result.reads) + latency_line("writes", result.writes);
    return report::fitted(text, width) + window_table(result, width);
}

std::string as_json(const Result& result, const Source& source) {
    const Window& total = result.total;
    Json windows = Json::array();
    for (const Window& each : result.windows)
        windows.push_back({{"reads", each.reads},
                           {"writes", each.writes},
                           {"bytes_read", each.bytes_read},
                           {"bytes_written", each.bytes_written},
                           {"row_hits", each.hits},
                           {"row_misses", each.misses},
                           {"row_conflicts", each.conflicts},
                           {"read_latency_mean_ps", read_latency(each)},
                           {"read_latency_max_ps", each.read_latency_max}});
    const Json json{{"schema", "gradus.replay/1"},
                    {"trace", source.trace},
                    {"format", info_of(source.format).name},
                    {"trace_clock_hz", source.cycle_ps ? Json(1e12 / *source.cycle_ps) : Json(nullptr)},
                    {"request_bytes", source.request_bytes ? Json(*source.request_bytes) : Json(nullptr)},
                    {"time_ps", result.time},
                    {"reads", total.reads},
                    {"writes", total.writes},
                    {"bytes_read", total.bytes_read},
                    {"bytes_written", total.bytes_written},
                    {"bytes_per_second", per_second(total.bytes_read + total.bytes_written, result.time)},
                    {"peak_bytes_per_second", result.peak_bytes_per_second},
                    {"rows",
                     {{"hits", result.rows.hits},
                      {"misses", result.rows.misses},
                      {"conflicts", result.rows.conflicts},
                      {"forwarded", result.rows.forwarded},
                      {"refreshes", result.rows.refreshes}}},
                    {"read_latency", latency_json(result.reads)},
                    {"write_latency", latency_json(result.writes)},
                    {"window_ps", result.window},
                    {"windows", windows}};
    return report::json_text(json);
}

} // namespace gradus::replay
