// SPDX-License-Identifier: Apache-2.0
// links: gradus_observe
// What a trace costs the host for each command, with everything a command reports: a doorbell, a wait for its
// descriptor, busy and stalled time, its end. The files go to the current folder and are removed.
#include <cstdio>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "platform/observe/traces.h"

namespace {

using namespace gradus;

const std::vector<observe::UnitInfo> units{{"dma0", observe::UnitKind::dma, 16},
                                           {"dma1", observe::UnitKind::dma, 16},
                                           {"matrix", observe::UnitKind::matrix, 16},
                                           {"vector", observe::UnitKind::vector, 4},
                                           {"cpu", observe::UnitKind::cpu, 0}};
constexpr ip::UnitId queues = 4;

std::vector<schedule::Op> operators() {
    std::vector<schedule::Op> ops(40);
    for (std::size_t i = 0; i < ops.size(); ++i)
        ops[i].name = "layer" + std::to_string(i / 10) + ".attention." + std::to_string(i);
    return ops;
}

void command(observe::TraceSink& trace, std::uint32_t number) {
    const ip::UnitId unit = number % queues;
    const std::uint32_t index = number / queues;
    const ip::Picoseconds begin = ip::Picoseconds{number} * 300'000;
    const ip::Tag tag{number / 300, static_cast<std::uint16_t>(number / 8 % 40), 0, COMMAND_PHASE_FORWARD};
    trace.submitted(unit, index + 1, begin);
    trace.span(unit, {begin, begin + 160'000, ip::Activity::stall_fetch, 0, 0, tag});
    trace.span(unit, {begin + 160'000, begin + 900'000, ip::Activity::busy, 1, 0, tag});
    trace.span(unit, {begin + 900'000, begin + 1'100'000, ip::Activity::stall_memory, 1, 0, tag});
    trace.retired(unit, tag, {256, 0, 1024, 0, 0, 1024});
    ip::CommandTimes times;
    times.index = index;
    times.end = begin + 1'100'000;
    trace.ended(unit, tag, times);
    if (number % 300 == 299) {
        trace.span(queues, {begin - 80'000'000, begin, ip::Activity::busy, 0, 0, {}});
        trace.step_done(number / 300, {}, times.end);
    }
}

void commands(benchmark::State& state, const observe::TraceKinds& kinds) {
    const std::vector<schedule::Op> ops = operators();
    const observe::TraceSelection selection({}, {}, units, {}, ops);
    const auto path = [](const char* name) { return std::string("bench_") + name; };
    const auto file = [&](const char* name) { return files::WholeFile(path(name)); };
    observe::Traces traces(kinds, selection, file, units, ops, {});
    std::uint32_t number = 0;
    for (auto _ : state)
        command(traces, number++);
    traces.run_ended(ip::Picoseconds{number} * 300'000 + 1'000'000);
    traces.finish();
    for (const char* name : {"trace.json", "trace.vcd", "trace.gtkw", "operators.csv"})
        std::remove(path(name).c_str());
}

BENCHMARK_CAPTURE(commands, perfetto, observe::TraceKinds{true, false, false});
BENCHMARK_CAPTURE(commands, vcd, observe::TraceKinds{false, true, false});
BENCHMARK_CAPTURE(commands, operators, observe::TraceKinds{false, false, true});
BENCHMARK_CAPTURE(commands, all, observe::TraceKinds{true, true, true});

} // namespace

BENCHMARK_MAIN();
