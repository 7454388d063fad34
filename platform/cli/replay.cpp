// SPDX-License-Identifier: Apache-2.0
// gradus replay: plays a trace of memory requests into a chip's DRAM alone.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "platform/cli/options.h"
#include "platform/cli/standard_output.h"
#include "platform/replay/report.h"
#include "platform/report/human.h"
#include "platform/scenario/load.h"

namespace gradus::cli {

namespace {

Options replay_options() {
    namespace po = boost::program_options;
    Options options;
    options.add_options()("chip", po::value<std::string>()->value_name("FILE"), "the chip whose DRAM is meant")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"),
        "change a key of the chip, such as chip.dram.page_policy=closed; can be repeated")(
        "window", po::value<double>()->value_name("NS"),
        "length of the windows in which the development is shown; without it, one that suits the trace")(
        "json", "print the result as JSON, with all windows")("quiet", "no progress");
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
    explicit ReplayProgress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}
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
        const std::string text = fmt::format("{}replay: {} requests, {}{}", terminal_ ? "\r\033[K" : "",
                                             report::human_count(static_cast<double>(requests_)),
                                             report::human_time(time), terminal_ ? "" : "\n");
        std::fputs(text.c_str(), stderr);
    }

private:
    const bool quiet_;
    const bool terminal_;
    std::uint64_t requests_ = 0;
    bool shown_ = false;
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

replay::Result play(std::istream& in, const std::string& name, const ip::DramParameters& dram, const Values& values) {
    replay::TraceReader reader(in, name, dram.bytes);
    replay::Player player(dram, window_of(values));
    ReplayProgress progress(values.count("quiet") > 0);
    bool any = false;
    try {
        while (const auto request = reader.next()) {
            player.play(*request);
            progress.request_done(player.now());
            any = true;
        }
        if (!any) throw replay::TraceError(name + ": there is no request in it");
        return player.finish();
    } catch (const replay::WindowError& error) {
        throw replay::TraceError(reader.place() + error.what());
    }
}

int replay(const std::vector<std::string>& arguments) {
    const auto values = parse(replay_command, replay_options(), arguments);
    if (!values) return exit_ok;
    if (!values->count("operand"))
        throw UsageError("replay: which trace? usage: gradus replay --chip FILE [options] TRACE");
    if (!values->count("chip")) throw UsageError("replay: which chip? --chip FILE");
    const auto chip = scenario::load_chip((*values)["chip"].as<std::string>(), overrides(*values));

    const std::string& trace = (*values)["operand"].as<std::string>();
    replay::Result result;
    if (trace == "-") {
        result = play(std::cin, "stdin", chip.dram, *values);
    } else {
        std::ifstream file(trace, std::ios::binary);
        if (!file || std::filesystem::is_directory(trace))
            throw UsageError(fmt::format("replay: {}: there is no such trace, or it cannot be read", trace));
        result = play(file, trace, chip.dram, *values);
    }
    put(values->count("json") ? replay::as_json(result, trace) : replay::as_text(result));
    return exit_ok;
}

} // namespace

const Command replay_command{"replay", "TRACE", "Play a trace of memory requests into a chip's DRAM alone.", replay};

} // namespace gradus::cli
