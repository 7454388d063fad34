// SPDX-License-Identifier: Apache-2.0
// gradus run: simulates a scenario and reports.
//
//   scenario ► schedule ► output folder ► simulation ► uart.log, result.json, report.html, summary.txt, traces
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
#include "platform/cli/interruption.h"
#include "platform/cli/options.h"
#include "platform/cli/output.h"
#include "platform/cli/trace_options.h"
#include "platform/cost/model.h"
#include "platform/observe/traces.h"
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

/// The program's exit code has eight bits; a failure must not become a success when they are cut off.
int program_exit_code(std::int64_t firmware_exit_code) {
    const int low = static_cast<int>(firmware_exit_code & 0xff);
    return firmware_exit_code != 0 && low == 0 ? 1 : low;
}

Options run_options() {
    namespace po = boost::program_options;
    Options options;
    add_scenario_options(options);
    add_trace_options(options);
    options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                          "folder for the files of the run (out/<scenario>)")(
        "firmware", po::value<std::string>()->value_name("FILE.elf"), "run this instead of the training firmware")(
        "quiet", "print nothing but errors")("json", "print the result as JSON, and nothing else, on stdout");
    return options;
}

/// Closes the traces and names the files of the run.
std::vector<std::string> finish_files(const OutputFolder& folder, observe::Traces* traces) {
    std::vector<std::string> files{folder.path("report.html"), folder.path("result.json"), folder.path("summary.txt"),
                                   folder.path("uart.log")};
    if (!traces) return files;
    const observe::Traces::Report report = traces->finish();
    for (const std::string& message : report.messages)
        fmt::print(stderr, "gradus: {}\n", message);
    files.insert(files.end(), report.files.begin(), report.files.end());
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
    const std::vector<observe::BlockPower> power = cost::power_of(scenario.chip, scenario.model.format);
    const observe::TraceSelection selection = trace_selection(*values, scenario, schedule, power);
    const OutputFolder folder(values->count("out") ? fs::path((*values)["out"].as<std::string>())
                                                   : fs::path("out") / scenario.name);
    std::unique_ptr<observe::Traces> traces;
    if (const observe::TraceKinds kinds = trace_kinds(*values, scenario); kinds.any())
        traces = std::make_unique<observe::Traces>(
            kinds, selection, [&](const char* name) { return folder.path(name); }, chip::units(scenario.chip),
            schedule.ops, power);

    report::Progress progress(stderr, report::Progress::mode_for(stderr, quiet), scenario.run.steps, "steps");
    Listener listener(folder.uart_log(), quiet || json, scenario.run.data == scenario::DataPlane::full, progress);
    const Interruption interruption;
    const auto begin = std::chrono::steady_clock::now();
    chip::Outcome outcome =
        chip::simulate({scenario, schedule, firmware, traces.get(), &listener, {}, {}, interruption.flag()});
    outcome.result.host.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    outcome.result.host.peak_memory_bytes = peak_memory_bytes();
    listener.finish();

    // A run that failed still tells how far it came; its summary would only hide the message.
    const std::vector<std::string> files = finish_files(folder, traces.get());
    const std::string result_json = report::to_json(outcome.result, schedule);
    report::write_file(folder.path("result.json"), result_json);
    report::write_file(folder.path("report.html"), report::report_page({{scenario.name, result_json}}));
    if (outcome.failure) {
        fmt::print(stderr, "gradus: {}\n", *outcome.failure);
        return outcome.interrupted ? exit_interrupted : exit_simulation;
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
