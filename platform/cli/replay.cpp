// SPDX-License-Identifier: Apache-2.0
// gradus replay: plays a trace of memory requests into a chip's DRAM alone.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <utility>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/cli/options.h"
#include "platform/cli/standard_output.h"
#include "platform/replay/report.h"
#include "platform/report/human.h"
#include "platform/report/terminal.h"
#include "platform/scenario/load.h"
#include "platform/scenario/nearest.h"
#include "platform/scenario/read_file.h"
#include "platform/text/lines.h"
#include "platform/text/numbers.h"
#include "platform/text/table.h"

namespace gradus::cli {

namespace {

std::string format_names() {
    std::string names;
    for (const replay::TraceFormatInfo& each : replay::trace_formats())
        names += fmt::format("{}{}", names.empty() ? "" : ", ", each.name);
    return names;
}

std::string format_help() {
    return "of the trace: " + format_names() + "; without it, what its first request looks like";
}

Options replay_options() {
    namespace po = boost::program_options;
    Options options;
    options.add_options()("chip", po::value<std::string>()->value_name("FILE"), "the chip whose DRAM is meant")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"),
        "change a key of the chip, such as chip.dram.page_policy=closed; can be repeated")(
        "window", po::value<double>()->value_name("NS"),
        "length of the windows in which the development is shown; without it, one that suits the trace")(
        "format", po::value<std::string>()->value_name("NAME"),
        format_help().c_str())("trace-clock", po::value<std::string>()->value_name("MHZ"),
                               "what the cycles of a trace are of, also such as 1.6GHz; without it, the DRAM's clock")(
        "request-bytes", po::value<std::uint64_t>()->value_name("N"),
        "of requests that do not say it; without it, a burst of the DRAM")(
        "trace-base", po::value<std::string>()->value_name("ADDRESS"),
        "where the DRAM begins in the addresses of the trace; 0 without it")(
        "wrap", "take addresses modulo the size of the DRAM")("json", "print the result as JSON, with all windows")(
        "quiet", "no progress");
    return options;
}

std::optional<ip::Picoseconds> window_of(const Values& values) {
    if (!values.count("window")) return std::nullopt;
    const double ns = values["window"].as<double>();
    if (!(ns >= 0.001 && ns <= 1e12)) throw UsageError("replay: --window is 0.001 to 1e12 ns");
    return static_cast<ip::Picoseconds>(std::llround(ns * 1000));
}

/// On a terminal a line that is rewritten, elsewhere a line every ten seconds; nothing in the first second.
class ReplayProgress {
public:
    explicit ReplayProgress(bool quiet) : quiet_(quiet), terminal_(report::terminal(stderr).rewrites) {}
    ~ReplayProgress() {
        if (shown_ && terminal_) std::fputs("\r\033[K", stderr);
    }
    ReplayProgress(const ReplayProgress&) = delete;
    ReplayProgress& operator=(const ReplayProgress&) = delete;

    void request_done(ip::Picoseconds time) {
        constexpr std::uint64_t requests_a_look = 4096;
        if (quiet_ || ++requests_ % requests_a_look != 0) return;
        const auto now = std::chrono::steady_clock::now();
        if (now < next_) return;
        next_ = now + (terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10'000));
        shown_ = true;
        const std::string line = fmt::format(
            "replay: {} requests, {}", report::human_count(static_cast<double>(requests_)), report::human_time(time));
        const std::string text = report::plain(line, report::terminal(stderr).width - 1);
        std::fputs((terminal_ ? "\r\033[K" + text : text + "\n").c_str(), stderr);
    }

private:
    const bool quiet_;
    const bool terminal_;
    std::uint64_t requests_ = 0;
    bool shown_ = false;
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::optional<replay::TraceFormat> format_of(const Values& values, const std::string& trace) {
    if (!values.count("format")) {
        // The one format that its lines do not tell from another.
        const bool relative = ends_with(trace, ".rstl") || ends_with(trace, ".rstl.gz");
        return relative ? std::optional(replay::TraceFormat::dramsys_relative) : std::nullopt;
    }
    const std::string& name = values["format"].as<std::string>();
    std::vector<std::string_view> names;
    for (const replay::TraceFormatInfo& each : replay::trace_formats()) {
        if (each.name == name) return each.format;
        names.push_back(each.name);
    }
    throw UsageError(fmt::format("replay: --format: there is no '{}'; nearest: '{}'. There are {}",
                                 report::plain(name, 60), scenario::nearest(name, names), format_names()));
}

/// In MHz: "1600", "1600 MHz", "1.6GHz".
double clock_of(const std::string& text) {
    const std::size_t letters = text.find_first_of("kKmMgGhH");
    const std::string unit = letters == std::string::npos ? "" : text::column_key(text.substr(letters));
    const std::map<std::string, double> units{{"", 1}, {"mhz", 1}, {"ghz", 1e3}, {"khz", 1e-3}, {"hz", 1e-6}};
    try {
        const auto scale = units.find(unit);
        const double mhz = text::number(text::without_blanks(text.substr(0, letters)));
        if (scale != units.end() && mhz * scale->second >= 0.001 && mhz * scale->second <= 1e6)
            return mhz * scale->second;
    } catch (const text::NumberError&) {
        // As any other clock that is none.
    }
    throw UsageError(fmt::format("replay: --trace-clock is 0.001 to 1000000 MHz, such as 1600 or 1.6GHz, not '{}'",
                                 report::plain(text, 60)));
}

replay::TraceSettings settings_of(const Values& values, const std::string& trace, const ip::DramParameters& dram) {
    replay::TraceSettings settings;
    settings.capacity = dram.bytes;
    settings.format = format_of(values, trace);
    settings.cycle_ps = static_cast<double>(dram.timing.period);
    if (values.count("trace-clock")) settings.cycle_ps = 1e6 / clock_of(values["trace-clock"].as<std::string>());
    settings.request_bytes = settings.aligned_to = dram.organisation.burst_bytes;
    if (values.count("request-bytes")) settings.request_bytes = values["request-bytes"].as<std::uint64_t>();
    if (settings.request_bytes == 0 || settings.request_bytes > replay::TraceReader::most_bytes)
        throw UsageError(fmt::format("replay: --request-bytes is 1 to {}", replay::TraceReader::most_bytes));
    settings.wrap = values.count("wrap") > 0;
    try {
        if (values.count("trace-base"))
            settings.base = replay::parse_number(values["trace-base"].as<std::string>(), "address");
    } catch (const replay::LineError& error) {
        throw UsageError(fmt::format("replay: --trace-base: {}", error.what()));
    }
    return settings;
}

/// What is known when the format is. Throws UsageError for an option that has no meaning in it.
replay::Source source_of(const std::string& trace, const Values& values, const replay::TraceSettings& settings,
                         replay::TraceFormat format) {
    const replay::TraceFormatInfo& info = replay::info_of(format);
    for (const auto& [option, meaningful] :
         {std::pair("trace-clock", info.cycles), std::pair("request-bytes", info.no_bytes)})
        if (values.count(option) && !meaningful)
            throw UsageError(fmt::format("replay: --{}: a trace in the format {} ('{}') has no use for it", option,
                                         info.name, info.line));
    replay::Source source;
    source.trace = trace;
    source.format = format;
    source.recognised = !values.count("format");
    if (info.cycles) source.cycle_ps = settings.cycle_ps;
    source.clock_of_dram = !values.count("trace-clock");
    if (info.no_bytes) source.request_bytes = settings.request_bytes;
    source.bytes_of_burst = !values.count("request-bytes");
    return source;
}

struct Played {
    replay::Source source;
    replay::Result result;
};

Played play(std::istream& in, const std::string& trace, const ip::DramParameters& dram, const Values& values) {
    const std::string name = trace == "-" ? "stdin" : trace;
    const replay::TraceSettings settings = settings_of(values, trace, dram);
    replay::TraceReader reader(in, name, settings);
    replay::Player player(dram, window_of(values));
    ReplayProgress progress(values.count("quiet") > 0);
    try {
        auto request = reader.next();
        if (!request) throw replay::TraceError(name + ": there is no request in it");
        const replay::Source source = source_of(trace, values, settings, *reader.format());
        for (; request; request = reader.next()) {
            player.play(*request);
            progress.request_done(player.now());
        }
        return {source, player.finish()};
    } catch (const replay::WindowError& error) {
        throw replay::TraceError(reader.place() + error.what());
    }
}

Played play(const std::string& trace, const ip::DramParameters& dram, const Values& values) {
    if (trace == "-") return play(std::cin, trace, dram, values);
    // A trace can be of any size, and comes out of a pipe while it is played.
    std::ifstream file(scenario::streamable_path(trace), std::ios::binary);
    return play(file, trace, dram, values);
}

int replay(const std::vector<std::string>& arguments) {
    const auto values = parse(replay_command, replay_options(), arguments);
    if (!values) return exit_ok;
    if (!values->count("operand"))
        throw UsageError("replay: which trace? usage: gradus replay --chip FILE [options] TRACE");
    if (!values->count("chip")) throw UsageError("replay: which chip? --chip FILE");
    const auto chip = scenario::load_chip((*values)["chip"].as<std::string>(), overrides(*values));
    const Played played = play((*values)["operand"].as<std::string>(), chip.dram, *values);
    put(values->count("json") ? replay::as_json(played.result, played.source)
                              : replay::as_text(played.result, played.source, report::terminal(stdout).width));
    return exit_ok;
}

} // namespace

const Command replay_command{"replay", "TRACE", "Play a trace of memory requests into a chip's DRAM alone.", replay};

} // namespace gradus::cli
