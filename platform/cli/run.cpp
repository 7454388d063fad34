// SPDX-License-Identifier: Apache-2.0
// gradus run: simulates a scenario and reports.
//
//   scenario ► schedule ► output folder ► simulation ► uart.log, result.json, report.html, summary.txt, trace.json
//
// Whatever can be refused is refused before the simulation begins.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/cli/installation.h"
#include "platform/cli/options.h"
#include "platform/cli/output.h"
#include "platform/observe/perfetto_writer.h"
#include "platform/report/file.h"
#include "platform/report/html/page.h"
#include "platform/report/json.h"
#include "platform/report/progress.h"
#include "platform/report/summary.h"
#include "platform/schedule/schedule.h"

namespace gradus::cli {

namespace {

namespace fs = std::filesystem;

std::uint64_t peak_memory_bytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::unique_ptr<observe::PerfettoWriter> open_trace(const scenario::Scenario& scenario,
                                                    const schedule::Schedule& schedule, const OutputFolder& folder) {
    if (!scenario.run.trace) return nullptr;
    std::vector<std::string> op_names;
    for (const schedule::Op& op : schedule.ops)
        op_names.push_back(op.name);
    return std::make_unique<observe::PerfettoWriter>(folder.path("trace.json"), chip::units(scenario.chip), op_names,
                                                     scenario.run.trace_slices);
}

/// The program's exit code has eight bits; a failure must not become a success when they are cut off.
int program_exit_code(std::int64_t firmware_exit_code) {
    const int low = static_cast<int>(firmware_exit_code & 0xff);
    return firmware_exit_code != 0 && low == 0 ? 1 : low;
}

Options run_options() {
    namespace po = boost::program_options;
    Options options;
    add_scenario_options(options);
    options.add_options()("trace", po::value<std::string>()->value_name("on|off"), "short for --set run.trace=...")(
        "out", po::value<std::string>()->value_name("DIR"), "folder for the files of the run (out/<scenario>)")(
        "firmware", po::value<std::string>()->value_name("FILE.elf"), "run this instead of the training firmware")(
        "quiet", "print nothing but errors")("json", "print the result as JSON, and nothing else, on stdout");
    return options;
}

/// Closes the trace and names the files of the run, with what a reader of the trace must know.
std::vector<std::string> finish_files(const OutputFolder& folder, observe::PerfettoWriter* trace) {
    std::vector<std::string> files{folder.path("report.html"), folder.path("result.json"), folder.path("summary.txt"),
                                   folder.path("uart.log")};
    if (!trace) return files;
    const observe::TraceOutcome& outcome = trace->finish();
    if (outcome.error) fmt::print(stderr, "gradus: {}\n", *outcome.error);
    std::string line = folder.path("trace.json");
    if (outcome.left_out > 0)
        line += fmt::format(" (the first {} slices of {}: run.trace_slices)", outcome.slices,
                            outcome.slices + outcome.left_out);
    files.push_back(std::move(line));
    return files;
}

int run(const std::vector<std::string>& arguments) {
    const auto values = parse(run_command, run_options(), arguments);
    if (!values) return exit_ok;
    const bool json = values->count("json") > 0;
    const bool quiet = values->count("quiet") > 0;

    const scenario::Scenario scenario = load_scenario(run_command, *values);
    const std::string firmware = values->count("firmware") ? (*values)["firmware"].as<std::string>() : own_firmware();
    if (!fs::is_regular_file(firmware)) throw UsageError(fmt::format("run: there is no firmware '{}'", firmware));
    const schedule::Schedule schedule = schedule::build(scenario.model, scenario.run, chip::dram_range(scenario.chip));
    const OutputFolder folder(values->count("out") ? fs::path((*values)["out"].as<std::string>())
                                                   : fs::path("out") / scenario.name);
    const auto trace = open_trace(scenario, schedule, folder);

    report::Progress progress(stderr, report::Progress::mode_for(stderr, quiet), scenario.run.steps, "steps");
    Listener listener(folder.uart_log(), quiet || json, scenario.run.data == scenario::DataPlane::full, progress,
                      trace.get());
    const auto begin = std::chrono::steady_clock::now();
    chip::Outcome outcome = chip::simulate({scenario, schedule, firmware, trace.get(), &listener});
    outcome.result.host.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    outcome.result.host.peak_memory_bytes = peak_memory_bytes();
    listener.finish();

    // A run that failed still tells how far it came; its summary would only hide the message.
    const std::vector<std::string> files = finish_files(folder, trace.get());
    const std::string result_json = report::to_json(outcome.result, schedule);
    report::write_file(folder.path("result.json"), result_json);
    report::write_file(folder.path("report.html"), report::report_page({{scenario.name, result_json}}));
    if (outcome.failure) {
        fmt::print(stderr, "gradus: {}\n", *outcome.failure);
        return exit_simulation;
    }
    report::write_file(folder.path("summary.txt"), report::summary(outcome.result, schedule, false, files));
    if (json)
        fmt::print("{}", result_json);
    else if (!quiet)
        fmt::print("{}", report::summary(outcome.result, schedule, isatty(STDOUT_FILENO) == 1, files));
    return program_exit_code(outcome.result.exit_code);
}

} // namespace

const Command run_command{"run", "SCENARIO", "Simulate a scenario: what it computes, how long the chip takes, and why.",
                          run};

} // namespace gradus::cli
