// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/trace_options.h"

#include <stdexcept>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/chip/simulation.h"
#include "platform/cli/standard_output.h"
#include "platform/report/human.h"

namespace gradus::cli {

namespace {

constexpr std::size_t longest_message = 300;

} // namespace

void add_trace_options(Options& options) {
    namespace po = boost::program_options;
    options.add_options()("trace", po::value<std::string>()->value_name("on|off"), "short for --set run.trace=...")(
        "trace-window", po::value<std::string>()->value_name("T0:T1"),
        "short for --set run.trace_window=...: 1ms:2.5ms, :1ms, or 0s: for the whole run")(
        "trace-filter", po::value<std::string>()->value_name("REGEX"),
        "trace only units, memories, power, phases, layers and operators whose name it finds")(
        "vcd", "write trace.vcd and trace.gtkw: queues, fences, busy and stalls as signals, for GTKWave")(
        "operators", "write operators.csv: a row for each operator of each step");
}

observe::TraceKinds trace_kinds(const Values& values, const scenario::Scenario& scenario) {
    return {scenario.run.trace, values.count("vcd") > 0, values.count("operators") > 0};
}

observe::TraceSelection trace_selection(const Values& values, const scenario::Scenario& scenario,
                                        const schedule::Schedule& schedule,
                                        const std::vector<observe::BlockPower>& power) {
    const observe::TraceKinds kinds = trace_kinds(values, scenario);
    for (const char* option : {"trace-window", "trace-filter"})
        if (values.count(option) && !kinds.perfetto && !kinds.vcd)
            throw UsageError(
                fmt::format("run: --{} without a trace, as run.trace is off; --trace on and --vcd write one", option));
    const char* option = "trace-window";
    try {
        const std::string text = values.count(option) ? values[option].as<std::string>() : scenario.run.trace_window;
        observe::TimeWindow window;
        if (values.count(option) || !text.empty()) window = observe::parse_time_window(text);
        option = "trace-filter";
        std::optional<std::string> filter;
        if (values.count(option)) filter = values[option].as<std::string>();
        observe::TraceSelection selection(window, filter, chip::units(scenario.chip), observe::curve_names(power),
                                          schedule.ops);
        if (selection.nearest_miss())
            complain(fmt::format("warning: --trace-filter '{}' finds no unit, memory, power, phase, layer or operator; "
                                 "nearest: '{}'",
                                 report::plain(*filter, longest_message), *selection.nearest_miss()));
        return selection;
    } catch (const std::invalid_argument& error) {
        throw UsageError(fmt::format("run: --{}: {}", option, report::plain(error.what(), longest_message)));
    }
}

} // namespace gradus::cli
