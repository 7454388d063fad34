// SPDX-License-Identifier: Apache-2.0
// gradus sweep: runs many points of a design space and shows the best.
//
//   SWEEP.toml ► points ► database, processes or a cluster ► the Pareto front, sweep.html, points.csv
#include <filesystem>
#include <optional>
#include <system_error>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/cli/options.h"
#include "platform/cli/output.h"
#include "platform/cli/simulations.h"
#include "platform/cli/standard_output.h"
#include "platform/explore/baseline.h"
#include "platform/explore/database.h"
#include "platform/explore/descent.h"
#include "platform/explore/genetic.h"
#include "platform/explore/inputs.h"
#include "platform/explore/sampling.h"
#include "platform/explore/slurm.h"
#include "platform/explore/study.h"
#include "platform/explore/sweep_file.h"
#include "platform/explore/sweep_report.h"
#include "platform/explore/table.h"
#include "platform/report/progress.h"
#include "platform/report/terminal.h"
#include "platform/scenario/load.h"
#include "platform/scenario/read_file.h"

namespace gradus::cli {

namespace {

namespace fs = std::filesystem;

Options sweep_options() {
    namespace po = boost::program_options;
    Options options;
    add_simulation_options(options);
    options.add_options()("out", po::value<std::string>()->value_name("DIR"), "folder of the sweep (out/<sweep>)")(
        "memory-limit", po::value<std::uint64_t>()->value_name("MIB"), "of each point; more is a failure")(
        "time-limit", po::value<double>()->value_name("SECONDS"),
        "of each point; more is a failure")("slurm", "run on a cluster, as job arrays of Slurm")(
        "points-per-task", po::value<std::size_t>()->value_name("N")->default_value(10),
        "of a Slurm array")("partition", po::value<std::string>()->value_name("NAME"), "passed on to sbatch")(
        "time", po::value<std::string>()->value_name("LIMIT"), "of a task, passed on to sbatch")(
        "account", po::value<std::string>()->value_name("NAME"),
        "passed on to sbatch")("sbatch", po::value<std::vector<std::string>>()->composing()->value_name("ARGUMENT"),
                               "another argument for sbatch, such as --sbatch=--cpus-per-task=4; can be repeated")(
        "task", po::value<std::string>()->value_name("FILE"),
        "what --slurm calls on a node: run one task of an array")("quiet", "print nothing but errors");
    return options;
}

struct Request {
    explore::Sweep sweep;
    fs::path folder;
    std::string firmware;
    explore::Runner runner;
    bool quiet = false;
};

constexpr std::uint64_t most_mebibytes = 1ULL << 32;

process::Limits limits_of(const Values& values) {
    process::Limits limits;
    if (values.count("memory-limit")) {
        const auto mebibytes = values["memory-limit"].as<std::uint64_t>();
        if (mebibytes == 0 || mebibytes > most_mebibytes)
            throw UsageError(fmt::format("sweep: --memory-limit is 1 .. {}", most_mebibytes));
        limits.memory_bytes = mebibytes << 20;
    }
    if (values.count("time-limit")) {
        limits.wall_seconds = values["time-limit"].as<double>();
        if (!(limits.wall_seconds > 0)) throw UsageError("sweep: --time-limit is more than 0");
    }
    return limits;
}

explore::SlurmOptions slurm_options(const Values& values) {
    explore::SlurmOptions options;
    options.program = fs::read_symlink("/proc/self/exe").string();
    options.points_per_task = values["points-per-task"].as<std::size_t>();
    if (options.points_per_task == 0) throw UsageError("sweep: --points-per-task is 1 or more");
    options.limits = limits_of(values);
    for (const char* name : {"partition", "time", "account"})
        if (values.count(name))
            options.sbatch_arguments.push_back(fmt::format("--{}={}", name, values[name].as<std::string>()));
    if (values.count("sbatch"))
        for (const std::string& argument : values["sbatch"].as<std::vector<std::string>>())
            options.sbatch_arguments.push_back(argument);
    return options;
}

Request request_of(const Values& values) {
    if (!values.count("operand")) throw UsageError("sweep: which sweep? usage: gradus sweep [options] SWEEP.toml");
    for (const char* name : {"points-per-task", "partition", "time", "account", "sbatch"})
        if (values.count(name) && !values[name].defaulted() && !values.count("slurm"))
            throw UsageError(fmt::format("sweep: --{} goes with --slurm only", name));
    Request request;
    request.sweep = explore::read_sweep(values["operand"].as<std::string>());
    request.folder = values.count("out") ? fs::path(values["out"].as<std::string>())
                                         : fs::path("out") / scenario::name_of(request.sweep.file);
    request.firmware = chosen_firmware(sweep_command, values);
    if (values.count("slurm") && !scenario::is_regular(request.firmware))
        throw UsageError(
            fmt::format("sweep: the firmware '{}' is no file that the nodes of a cluster can read", request.firmware));
    const std::vector<std::string> figures = explore::wanted_figures(request.sweep);
    request.runner = values.count("slurm")
                         ? explore::slurm_runner(slurm_options(values), request.folder, request.firmware, figures)
                         : explore::local_runner(pool_options(sweep_command, values).jobs, limits_of(values),
                                                 request.firmware, figures);
    request.quiet = values.count("quiet") > 0;
    return request;
}

/// The sweep, the firmware, and the scenario as it was: what must not change between a sweep's beginning and its end.
std::string definition_of(const Request& request) {
    std::string text = explore::definition(request.sweep);
    text += fmt::format("firmware {}\n", explore::hash_of_file(request.firmware));
    const explore::Choice first(request.sweep.dimensions.size(), 0);
    try {
        text += explore::canonical_text(explore::scenario_of(request.sweep, first));
    } catch (const scenario::ScenarioError& error) {
        text += fmt::format("no scenario: {}\n", error.what());
    }
    return text;
}

/// Simulates what the database does not know yet.
void evaluate(const Request& request, explore::Database& database) {
    const explore::Sweep& sweep = request.sweep;
    const bool evolves = sweep.method == explore::Method::nsga2, descends = sweep.method == explore::Method::descent;
    const auto sampled = evolves || descends ? std::vector<explore::Choice>{} : explore::sampled_points(sweep);
    const std::size_t total = evolves ? sweep.population * (sweep.generations + 1) : sampled.size();
    report::Progress progress(stderr, report::Progress::mode_for(stderr, request.quiet), total, "points");
    explore::Study study(sweep, database, request.runner, progress);
    if (evolves)
        explore::search_by_nsga2(sweep, study);
    else if (descends)
        explore::search_by_descent(sweep, study, progress);
    else
        study.evaluate(sampled);
    progress.hide();
    std::error_code ignored;
    fs::remove_all(request.folder / "slurm", ignored); // the database has everything now
}

int sweep(const std::vector<std::string>& arguments) {
    const auto values = parse(sweep_command, sweep_options(), arguments);
    if (!values) return exit_ok;
    if (values->count("task")) {
        explore::run_slurm_task((*values)["task"].as<std::string>(), pool_options(sweep_command, *values).jobs,
                                limits_of(*values));
        return exit_ok;
    }
    const Request request = request_of(*values);
    made_folder(sweep_command, request.folder);
    explore::Database database(request.folder / "sweep.db", definition_of(request));
    OutputFolder folder(sweep_command, request.folder, {"sweep.html", "points.csv"});
    std::vector<explore::Point> points;
    std::optional<std::int64_t> baseline;
    try {
        evaluate(request, database);
        points = database.points();
        baseline = explore::baseline_of(request.sweep, database);
    } catch (const explore::DatabaseError& error) {
        throw files::CannotWrite(error.what());
    }
    folder.write("sweep.html", [&] { return explore::sweep_report(request.sweep, points, baseline); });
    folder.write("points.csv", [&] { return explore::points_csv(request.sweep, points); });
    if (!request.quiet) {
        print("{}\n", explore::overview(request.sweep, points, baseline, report::terminal(stdout).width));
        for (const char* name : {"sweep.html", "points.csv", "sweep.db"})
            print("{}\n", folder.path(name));
    }
    return folder.complain_of_errors();
}

} // namespace

const Command sweep_command{"sweep", "SWEEP.toml", "Run many points of a design space and show the best.", sweep};

} // namespace gradus::cli
