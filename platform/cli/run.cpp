// SPDX-License-Identifier: Apache-2.0
// gradus run: simulates a scenario and reports.
//
//   scenario ► schedule ► output folder ► simulation ► uart.log, result.json, report.html, summary.txt, traces
//
// Whatever can be refused is refused before the simulation begins.
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/cli/interruption.h"
#include "platform/cli/listener.h"
#include "platform/cli/options.h"
#include "platform/cli/output.h"
#include "platform/cli/run_weights.h"
#include "platform/cli/simulations.h"
#include "platform/cli/standard_output.h"
#include "platform/cli/trace_options.h"
#include "platform/cli/weight_options.h"
#include "platform/cost/model.h"
#include "platform/observe/traces.h"
#include "platform/report/html/page.h"
#include "platform/report/json.h"
#include "platform/report/progress.h"
#include "platform/report/result_stream.h"
#include "platform/report/summary.h"
#include "platform/schedule/schedule.h"
#include "platform/verify/operator_check.h"

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
    add_weight_options(options);
    options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                          "folder for the files of the run (out/<scenario>)")(
        "firmware", po::value<std::string>()->value_name("FILE.elf"), "run this instead of the training firmware")(
        "check", "hold every operator against double precision; the first that is wrong ends the run")(
        "quiet", "print nothing but errors")("json", "print the result as JSON, and nothing else, on stdout");
    return options;
}

const std::vector<std::string> trace_names{"trace.json", "trace.vcd", "trace.gtkw", "operators.csv"};

/// Every file that a run can leave.
OutputFolder claimed_folder(const fs::path& folder) {
    std::vector<std::string> names{"report.html", "result.json", "summary.txt", "uart.log"};
    names.insert(names.end(), trace_names.begin(), trace_names.end());
    return {run_command, folder, names};
}

/// Closes the traces and returns their paths, with what is in them.
std::vector<std::string> finish_traces(OutputFolder& folder, observe::Traces* traces) {
    if (!traces) return {};
    const observe::Traces::Report report = traces->finish();
    for (const std::string& message : report.messages)
        complain(message);
    for (const std::string& error : report.errors)
        folder.note_error(error);
    return report.files;
}

std::string page_of(const observe::Result& result, const schedule::Schedule& schedule) {
    report::ReportPage page;
    report::ResultStream json(result, schedule);
    page.add(result.scenario.name, json);
    return page.text();
}

int run(const std::vector<std::string>& arguments) {
    const auto values = parse(run_command, run_options(), arguments);
    if (!values) return exit_ok;
    const bool json = values->count("json") > 0;
    const bool quiet = values->count("quiet") > 0;

    const scenario::Scenario scenario = load_scenario(run_command, *values);
    if (values->count("check") && scenario.run.data != scenario::DataPlane::full)
        throw UsageError("run: --check looks at numbers, and with run.data = \"none\" there are none; --data full "
                         "computes them");
    const std::string firmware = chosen_firmware(run_command, *values);
    const WeightOptions weight_files = weight_options(*values, scenario);
    RunWeights weights(weight_files, scenario);
    const schedule::Schedule schedule = schedule::build(scenario.model, scenario.run, chip::dram_range(scenario.chip),
                                                        schedule::step_room_bytes, weights.first_step());
    weights.bind(schedule);
    const std::vector<observe::BlockPower> power = cost::power_of(scenario.chip, scenario.model.format);
    const observe::TraceSelection selection = trace_selection(*values, scenario, schedule, power);
    const Interruption interruption;
    OutputFolder folder = claimed_folder(values->count("out") ? fs::path((*values)["out"].as<std::string>())
                                                              : fs::path("out") / scenario.name);
    weights.prepare_dump(folder.path("dump"));
    std::unique_ptr<observe::Traces> traces;
    if (const observe::TraceKinds kinds = trace_kinds(*values, scenario); kinds.any())
        traces = std::make_unique<observe::Traces>(
            kinds, selection, [&](const char* name) { return folder.take(name); }, chip::units(scenario.chip),
            schedule.ops, power);
    for (const std::string& name : trace_names)
        folder.release(name);

    report::Progress progress(stderr, report::Progress::mode_for(stderr, quiet),
                              scenario.run.steps - schedule.first_step, "steps");
    std::optional<verify::OperatorCheck> check;
    if (values->count("check"))
        check.emplace(
            scenario.chip, schedule,
            [&progress](std::size_t done, std::size_t all) {
                progress.between([&] { return fmt::format("{} of {} operators checked", done, all); });
            },
            interruption.flag());
    Listener listener(folder.take("uart.log"), quiet || json, scenario.run.data == scenario::DataPlane::full, progress,
                      [&check] { return check ? check->totals().first_not_finite.value_or("") : ""; });
    const auto begin = std::chrono::steady_clock::now();
    chip::Outcome outcome =
        chip::simulate({scenario,
                        schedule,
                        firmware,
                        traces.get(),
                        &listener,
                        {},
                        {},
                        interruption.flag(),
                        folder.path(""),
                        [&](const schedule::Tensor& tensor) { return weights.values(tensor); },
                        [&](chip::VirtualChip& chip, std::uint32_t step) { weights.step_done(chip, step); },
                        check ? &*check : nullptr});
    outcome.result.host.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    outcome.result.host.peak_memory_bytes = peak_memory_bytes();
    files::WholeFile& uart_log = listener.finish();

    // The diagnosis first: it is shown whatever becomes of the files. A run that failed still tells how far it came;
    // its summary would only hide the diagnosis.
    if (outcome.failure) complain(*outcome.failure);
    const std::vector<std::string> traced = finish_traces(folder, traces.get());
    if (!outcome.failure) weights.run_ended();
    for (const std::string& error : weights.errors())
        folder.note_error(error);
    folder.keep(uart_log);
    folder.fill("result.json", [&](files::WholeFile& file) {
        report::write_json(outcome.result, schedule, [&](std::string_view piece) { file.append(piece); });
    });
    folder.write("report.html", [&] { return page_of(outcome.result, schedule); });
    if (!outcome.failure) {
        const auto summary = [&](const report::Terminal& screen, const std::set<std::string>& written) {
            std::vector<std::string> files(written.begin(), written.end());
            files.insert(files.end(), traced.begin(), traced.end());
            files.insert(files.end(), weights.written().begin(), weights.written().end());
            return report::summary(outcome.result, schedule, screen.colour, files, screen.width);
        };
        folder.write("summary.txt", [&] {
            std::set<std::string> with_itself = folder.written();
            with_itself.insert(folder.path("summary.txt"));
            return summary({}, with_itself);
        });
        if (json)
            report::write_json(outcome.result, schedule, put);
        else if (!quiet)
            put(summary(report::terminal(stdout), folder.written()));
    }
    if (const int failed = folder.complain_of_errors()) return failed;
    if (outcome.failure) return outcome.interrupted ? exit_interrupted : exit_failed;
    return program_exit_code(outcome.result.exit_code);
}

} // namespace

const Command run_command{"run", "SCENARIO", "Simulate a scenario: what it computes, how long the chip takes, and why.",
                          run};

} // namespace gradus::cli
