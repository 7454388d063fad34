// SPDX-License-Identifier: Apache-2.0
// links: nlohmann_json::nlohmann_json
// How fast the whole platform simulates, on runs of the program (one simulation a process). The time of an iteration is
// that of the simulation alone, as the run reports it. Run it from the top of the repository.
//
// commands/s:     retired commands of all queues, a second of the host
// instructions/s: of the hart, a second of the host
// slowdown:       seconds of the host for a second of the chip
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"

namespace {

using gradus::test::ProgramRun;
using gradus::test::TemporaryFolder;

nlohmann::json simulate(const std::vector<std::string>& scenario) {
    const TemporaryFolder folder;
    std::vector<std::string> arguments{"run", "--json", "--out", folder.path("out")};
    arguments.insert(arguments.end(), scenario.begin(), scenario.end());
    const ProgramRun run = gradus::test::run_program(arguments);
    if (run.exit_code != 0) throw std::runtime_error(run.err);
    return nlohmann::json::parse(run.out);
}

void simulation(benchmark::State& state, const std::vector<std::string>& scenario) {
    double host = 0;
    double chip = 0;
    double commands = 0;
    double instructions = 0;
    for (auto _ : state) {
        const nlohmann::json result = simulate(scenario);
        const double seconds = result.at("host").at("wall_seconds");
        state.SetIterationTime(seconds);
        host += seconds;
        chip += result.at("totals").at("time_ps").get<double>() * 1e-12;
        commands += result.at("totals").at("commands").get<double>();
        instructions += result.at("totals").at("instructions").get<double>();
    }
    state.counters["commands/s"] = commands / host;
    state.counters["instructions/s"] = instructions / host;
    state.counters["slowdown"] = host / chip;
}

const std::vector<std::string> names{"scenarios/runs/names.toml", "--steps", "50", "--set", "run.generate=0"};

std::vector<std::string> with(std::vector<std::string> scenario, const std::vector<std::string>& more) {
    scenario.insert(scenario.end(), more.begin(), more.end());
    return scenario;
}

BENCHMARK_CAPTURE(simulation, names, with(names, {"--trace", "off"}))->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulation, names_with_trace, with(names, {"--trace", "on"}))
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulation, names_without_data, with(names, {"--trace", "off", "--data", "none"}))
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulation, names_without_dmi, with(names, {"--trace", "off", "--set", "run.dmi=false"}))
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(simulation, names_with_protocol_checkers,
                  with(names, {"--trace", "off", "--set", "run.check_protocol=true"}))
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
// One step of the large models, in the time alone.
BENCHMARK_CAPTURE(simulation, edge,
                  with({"scenarios/runs/edge.toml", "--steps", "1"}, {"--trace", "off", "--data", "none"}))
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);
BENCHMARK_CAPTURE(simulation, train, with({"scenarios/runs/train.toml", "--steps", "1"}, {"--trace", "off"}))
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

} // namespace

BENCHMARK_MAIN();
