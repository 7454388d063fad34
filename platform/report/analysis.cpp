// SPDX-License-Identifier: Apache-2.0
#include "platform/report/analysis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "platform/cost/clock_limits.h"
#include "platform/observe/names.h"
#include "platform/report/derive.h"
#include "platform/report/human.h"
#include "platform/report/last_step.h"
#include "platform/report/verdict.h"
#include "platform/scenario/clocks.h"
#include "platform/schedule/text_loss.h"

namespace gradus::report {

namespace {

using observe::Result;
using observe::UnitKind;

constexpr unsigned loss_window = 50;

double share_of(ip::Picoseconds time, const Result& result) {
    return ratio(static_cast<double>(time), static_cast<double>(result.time));
}

void sort_by_time(std::vector<Share>& shares) {
    std::stable_sort(shares.begin(), shares.end(), [](const Share& a, const Share& b) { return a.time > b.time; });
}

void analyse_steps(const Result& result, const schedule::Schedule& schedule, Analysis& analysis) {
    if (result.steps.empty()) return;
    const std::size_t count = result.steps.size();
    analysis.training_time = training_time(result);
    analysis.validation_time = validation_time(result);
    analysis.mean_step = analysis.training_time / count;
    analysis.steady = steady_step(result, schedule);
    analysis.tokens_per_second = ratio(static_cast<double>(result.tokens_per_step) * static_cast<double>(count),
                                       seconds(analysis.training_time));
    analysis.has_loss = result.scenario.run.data == scenario::DataPlane::full;
    if (!analysis.has_loss) return;
    const std::size_t window = std::min<std::size_t>(count, loss_window);
    double sum = 0;
    for (std::size_t i = count - window; i < count; ++i)
        sum += static_cast<double>(result.steps[i].loss);
    analysis.first_loss = static_cast<double>(result.steps.front().loss);
    analysis.last_loss = sum / static_cast<double>(window);
    analysis.loss_window = static_cast<unsigned>(window);
    if (!result.validations.empty()) {
        analysis.first_validation = static_cast<double>(result.validations.front().loss);
        analysis.last_validation = static_cast<double>(result.validations.back().loss);
    }
    if (auto warning = loss_warning(result)) analysis.warnings.push_back(std::move(*warning));
}

std::vector<Share> stalls_of(const Result& result, const observe::UnitTotals& totals) {
    std::vector<Share> stalls;
    const auto add = [&](const std::string& name, ip::Picoseconds time) {
        if (time) stalls.push_back({name, time, share_of(time, result)});
    };
    const auto& by_activity = totals.usage.by_activity;
    add("fetch", by_activity[static_cast<std::size_t>(ip::Activity::stall_fetch)]);
    add("memory", by_activity[static_cast<std::size_t>(ip::Activity::stall_memory)]);
    add("bus", by_activity[static_cast<std::size_t>(ip::Activity::stall_bus)]);
    for (std::size_t queue = 0; queue < totals.fence_stall_by_queue.size(); ++queue)
        add(queue < result.units.size() ? result.units[queue].name : fmt::format("queue {}", queue),
            totals.fence_stall_by_queue[queue]);
    sort_by_time(stalls);
    return stalls;
}

UnitAnalysis analyse_unit(const Result& result, std::size_t index) {
    const observe::UnitInfo& info = result.units[index];
    const observe::UnitTotals& totals = result.unit_totals[index];
    const ip::Picoseconds covered = totals.usage.busy() + totals.usage.stalled();
    UnitAnalysis unit;
    unit.name = info.name;
    unit.kind = info.kind;
    unit.busy = share_of(totals.usage.busy(), result);
    unit.stalled = share_of(totals.usage.stalled(), result);
    unit.idle_time = result.time > covered ? result.time - covered : 0;
    unit.idle = share_of(unit.idle_time, result);
    unit.stalls = stalls_of(result, totals);
    unit.efficiency = efficiency(info, totals);
    return unit;
}

OpAnalysis analyse_op(const Result& result, const schedule::Schedule& schedule, const observe::OpTotals& totals) {
    OpAnalysis op;
    op.phase = observe::phase_name(totals.phase);
    op.layer = COMMAND_NO_LAYER;
    op.share = share_of(totals.time, result);
    op.totals = totals;
    if (totals.op < schedule.ops.size()) {
        const schedule::Op& scheduled = schedule.ops[totals.op];
        op.name = scheduled.name;
        op.kind = scheduled.kind;
        op.shape = scheduled.shape;
        op.layer = scheduled.image.layer;
        op.scheduled_macs = scheduled.macs;
    } else {
        const bool sampling = totals.op == COMMAND_NO_OP && totals.phase == COMMAND_PHASE_GENERATE;
        op.kind = sampling ? "sampling" : "other";
        op.name = totals.op == COMMAND_NO_OP ? op.kind : fmt::format("op {}", totals.op);
    }
    return op;
}

/// Sums over the operators of a phase or a layer.
struct Level {
    BoundedWork sum;
    std::vector<observe::Usage> units;
    ip::Picoseconds path = 0;

    void add(const Result& result, const observe::OpTotals& op) {
        sum.time += op.time;
        sum.work += op.work_by_kind;
        path += op.path;
        units.resize(result.units.size());
        for (std::size_t unit = 0; unit < std::min(units.size(), op.during.size()); ++unit) {
            units[unit] += op.during[unit];
            if (result.units[unit].kind == UnitKind::cpu) sum.hart += op.during[unit];
        }
    }
};

LevelAnalysis analyse_level(const Result& result, std::string name, unsigned number, Level level) {
    LevelAnalysis analysis;
    analysis.total = {std::move(name), level.sum.time, share_of(level.sum.time, result)};
    analysis.number = number;
    analysis.units = std::move(level.units);
    analysis.path = level.path;
    analysis.bounds = lower_bounds(result, level.sum);
    return analysis;
}

void analyse_ops(const Result& result, const schedule::Schedule& schedule, Breakdown& breakdown) {
    std::array<Level, COMMAND_PHASES> by_phase{};
    std::map<unsigned, Level> by_layer; // none comes last: COMMAND_NO_LAYER is the largest number
    std::map<std::string, ip::Picoseconds> by_kind;
    for (const observe::OpTotals& totals : result.ops) {
        OpAnalysis op = analyse_op(result, schedule, totals);
        by_phase[totals.phase < by_phase.size() ? totals.phase : COMMAND_PHASE_OTHER].add(result, totals);
        by_layer[op.layer].add(result, totals);
        by_kind[op.kind] += totals.time;
        breakdown.ops.push_back(std::move(op));
    }
    for (unsigned i = 0; i < by_phase.size(); ++i) {
        const auto phase = static_cast<std::uint8_t>((i + 1) % by_phase.size()); // "other" comes last
        if (by_phase[phase].sum.time)
            breakdown.phases.push_back(
                analyse_level(result, observe::phase_name(phase), phase, std::move(by_phase[phase])));
    }
    for (auto& [layer, level] : by_layer)
        if (level.sum.time)
            breakdown.layers.push_back(analyse_level(
                result, layer == COMMAND_NO_LAYER ? "none" : fmt::format("layer{}", layer), layer, std::move(level)));
    for (const auto& [kind, time] : by_kind)
        if (time) breakdown.kinds.push_back({kind, time, share_of(time, result)});
    sort_by_time(breakdown.kinds);
}

void analyse_path(const Result& result, Breakdown& breakdown) {
    const ip::Picoseconds total = result.critical_path.total();
    for (ip::UnitId unit = 0; unit < std::min(result.units.size(), result.critical_path.by_unit.size()); ++unit)
        if (const ip::Picoseconds time = result.critical_path.of_unit(unit))
            breakdown.path.push_back(
                {result.units[unit].name, time, ratio(static_cast<double>(time), static_cast<double>(total))});
    sort_by_time(breakdown.path);
}

void analyse_dram(const Result& result, Breakdown& breakdown) {
    const observe::MemoryTotals* dram = find_memory(result, "dram");
    if (!dram) return;
    TrafficAnalysis& traffic = breakdown.dram;
    traffic.bytes = dram->bytes_read + dram->bytes_written;
    traffic.bytes_per_second = ratio(static_cast<double>(traffic.bytes), seconds(result.time));
    traffic.peak_bytes_per_second = dram->peak_bytes_per_second;
    traffic.of_peak = ratio(traffic.bytes_per_second, traffic.peak_bytes_per_second);
    traffic.busy = share_of(dram->busy, result);
    if (const auto& rows = dram->rows)
        traffic.row_hits =
            ratio(static_cast<double>(rows->hits), static_cast<double>(rows->hits + rows->misses + rows->conflicts));
}

void analyse_instructions(const Result& result, Breakdown& breakdown) {
    InstructionAnalysis& instructions = breakdown.instructions;
    const auto count = static_cast<double>(result.instructions);
    instructions.count = result.instructions;
    instructions.per_second = ratio(count, seconds(result.time));
    ip::Picoseconds busy = 0;
    for (std::size_t i = 0; i < breakdown.units.size(); ++i)
        if (result.units[i].kind == UnitKind::cpu) busy += result.unit_totals[i].usage.busy();
    instructions.per_cycle = ratio(count, scenario::chip_clock(result.scenario.chip).cycles(busy));
}

Breakdown breakdown(const Result& result, const schedule::Schedule& schedule) {
    Breakdown breakdown;
    for (std::size_t i = 0; i < std::min(result.units.size(), result.unit_totals.size()); ++i)
        breakdown.units.push_back(analyse_unit(result, i));
    analyse_ops(result, schedule, breakdown);
    analyse_dram(result, breakdown);
    analyse_instructions(result, breakdown);
    analyse_path(result, breakdown);
    breakdown.bounds = lower_bounds_of_run(result);
    breakdown.verdict = verdict(result);
    return breakdown;
}

} // namespace

std::string loss_warning(std::uint32_t step, double loss, const std::string& cause) {
    return fmt::format("the loss is {} at step {}, the first that is not finite{}{}", human_loss(loss), step,
                       cause.empty() ? "" : "; ", cause);
}

std::optional<std::string> loss_warning(const Result& result) {
    if (result.scenario.run.data != scenario::DataPlane::full) return std::nullopt;
    const std::string cause = result.check ? result.check->first_not_finite.value_or("") : "";
    for (const observe::StepRecord& step : result.steps)
        if (!std::isfinite(step.loss)) return loss_warning(step.step, static_cast<double>(step.loss), cause);
    return std::nullopt;
}

Analysis analyse(const Result& result, const schedule::Schedule& schedule) {
    Analysis analysis;
    if (auto warning = cost::clock_warning(result.scenario.chip)) analysis.warnings.push_back(std::move(*warning));
    if (auto warning = schedule::loss_warning(schedule.text)) analysis.warnings.push_back(std::move(*warning));
    analyse_steps(result, schedule, analysis);
    analysis.run = breakdown(result, schedule);
    if (const std::optional<Result> step = last_step_of(result)) analysis.step = breakdown(*step, schedule);
    return analysis;
}

} // namespace gradus::report
