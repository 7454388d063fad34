// SPDX-License-Identifier: Apache-2.0
// A run of the size of the names scenario, made up: a schedule of a few ops and a result whose figures add up.
#pragma once

#include <map>
#include <random>

#include "platform/observe/recorder.h"
#include "platform/observe/result.h"
#include "platform/schedule/schedule.h"

namespace gradus::report_fixture {

inline constexpr ip::UnitId dma0 = 0, dma1 = 1, matrix = 2, vector = 3, cpu = 4;

inline std::vector<observe::UnitInfo> units() {
    using observe::UnitKind;
    constexpr ip::Clock clock{10'000};
    return {{"dma0", UnitKind::dma, 16, clock},
            {"dma1", UnitKind::dma, 16, clock},
            {"matrix", UnitKind::matrix, 16, clock},
            {"vector", UnitKind::vector, 4, clock},
            {"cpu", UnitKind::cpu, 0, clock}};
}

inline schedule::Schedule a_schedule() {
    schedule::Schedule schedule;
    const auto add = [&](const char* name, const char* kind, const char* shape, std::uint8_t phase,
                         std::uint64_t macs) {
        schedule::Op op;
        op.name = name;
        op.kind = kind;
        op.shape = shape;
        op.macs = macs;
        op.image.phase = phase;
        op.image.layer = 0;
        schedule.ops.push_back(op);
    };
    add("layer0.attention.query", "matmul", "16x16x16", COMMAND_PHASE_FORWARD, 4096);
    add("layer0.mlp.up", "matmul", "16x64x16", COMMAND_PHASE_FORWARD, 16384);
    add("layer0.attention.scores", "softmax", "64x16", COMMAND_PHASE_FORWARD, 0);
    add("layer0.mlp.up", "matmul", "16x16x64", COMMAND_PHASE_BACKWARD, 16384);
    add("layer0.attention.scores", "softmax backward", "64x16", COMMAND_PHASE_BACKWARD, 0);
    add("layer0.norm", "rmsnorm backward", "16x16", COMMAND_PHASE_BACKWARD, 0);
    add("head", "cross entropy", "16x27", COMMAND_PHASE_FORWARD, 0);
    add("layer0.mlp.up", "adam", "1024", COMMAND_PHASE_UPDATE, 0);
    return schedule;
}

inline scenario::Scenario a_scenario() {
    scenario::Scenario scenario;
    scenario.name = "names";
    scenario.chip.name = "tiny";
    scenario.model.name = "microgpt";
    return scenario;
}

// Nothing ran yet: 1 ms long, every unit idle, a DRAM of 1.6 GB/s.
inline observe::Result an_idle_result() {
    observe::Result result;
    result.scenario = a_scenario();
    result.time = 1'000'000'000;
    result.units = units();
    result.unit_totals.resize(result.units.size());
    for (observe::UnitTotals& totals : result.unit_totals)
        totals.fence_stall_by_queue.resize(result.units.size());
    observe::MemoryTotals dram;
    dram.name = "dram";
    dram.peak_bytes_per_second = 1.6e9;
    observe::MemoryTotals scratchpad;
    scratchpad.name = "scratchpad";
    scratchpad.peak_bytes_per_second = 1.6e9;
    result.memories = {dram, scratchpad};
    return result;
}

inline void set(observe::Result& result, ip::UnitId unit, ip::Activity activity, double share) {
    result.unit_totals[unit].usage.by_activity[static_cast<std::size_t>(activity)] =
        static_cast<ip::Picoseconds>(share * static_cast<double>(result.time));
}

inline ip::Span span(ip::Picoseconds begin, ip::Picoseconds end, ip::Activity activity = ip::Activity::busy,
                     std::uint32_t op = COMMAND_NO_OP, std::uint8_t phase = COMMAND_PHASE_OTHER) {
    ip::Span span;
    span.begin = begin;
    span.end = end;
    span.activity = activity;
    span.tag.op = op;
    span.tag.phase = phase;
    return span;
}

// Random spans of all units through a recorder, `steps` steps of them.
inline observe::Result a_random_result(unsigned seed, unsigned steps, observe::TraceSink* sink = nullptr) {
    std::mt19937 random(seed);
    const schedule::Schedule schedule = a_schedule();
    observe::Recorder recorder(units(), sink);
    std::vector<ip::Picoseconds> now(units().size());
    ip::Picoseconds step_end = 0;
    for (unsigned step = 0; step < steps; ++step) {
        for (std::uint32_t op = 0; op < schedule.ops.size(); ++op) {
            for (ip::UnitId unit = 0; unit < now.size(); ++unit) {
                for (int activity = ip::activity_count - 1; activity >= 0; --activity) {
                    const ip::Picoseconds begin = now[unit] + random() % 500'000;
                    ip::Span event = span(begin, begin + random() % 2'000'000, static_cast<ip::Activity>(activity), op,
                                          schedule.ops[op].image.phase);
                    event.detail = static_cast<std::uint16_t>(random() % 4);
                    event.opcode = static_cast<std::uint8_t>(random() % 4);
                    event.tag.step = step;
                    event.tag.layer = 0;
                    recorder.span(unit, event);
                    now[unit] = event.end;
                }
                ip::CommandWork work;
                if (unit == matrix) work.macs = schedule.ops[op].macs;
                if (unit == vector) work.elements = 256;
                if (unit == dma0) work.dram_read = work.scratchpad_written = 1024;
                if (unit != cpu) recorder.retired(unit, 1, {step, op, 0, schedule.ops[op].image.phase}, work);
            }
        }
        for (const ip::Picoseconds time : now)
            step_end = std::max(step_end, time);
        std::fill(now.begin(), now.end(), step_end); // the next step begins when all have done with this one
        recorder.step_done(step, 3.3f - 0.9f * static_cast<float>(step) / static_cast<float>(steps), step_end);
    }
    observe::Result result = an_idle_result();
    result.time = step_end + 12'345'678;
    recorder.finish(result.time);
    result.unit_totals = recorder.totals();
    result.ops = recorder.ops();
    result.steps = recorder.take_steps();
    result.critical_path = recorder.critical_path();
    result.last_step = recorder.last_step();
    result.over_time.last_step[observe::Counter::instructions] = 4000;
    result.commands = recorder.commands();
    result.tokens_per_step = 16;
    result.parameter_count = 4192;
    result.instructions = 400'000;
    result.instructions_by_class = {{"alu", 300'000}, {"load", 100'000}};
    result.memories[0].bytes_read = recorder.totals()[dma0].work.work.dram_read;
    result.texts = {"emma", "olivia", "kamon"};
    result.host = {12.5, 85'000'000};
    return result;
}

/// The steps, of which some have other losses.
inline observe::StepLog with_losses(const observe::StepLog& steps, const std::map<std::size_t, float>& losses) {
    observe::StepLog changed;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        observe::StepRecord step = steps[i];
        if (const auto loss = losses.find(i); loss != losses.end()) step.loss = loss->second;
        changed.push_back(step);
    }
    return changed;
}

} // namespace gradus::report_fixture
