// SPDX-License-Identifier: Apache-2.0
#include "platform/report/steady.h"

#include <cmath>

#include <fmt/format.h>

#include "platform/report/derive.h"

namespace gradus::report {

namespace {

/// Relative. Steps of one length that repeat differ by refreshes of the DRAM, some tenths of a percent at most.
constexpr double alike = 0.01;

/// Of all arrays, in a time.
double most_macs(const observe::Result& result, double seconds) {
    double a_second = 0;
    for (const observe::UnitInfo& unit : result.units)
        if (unit.kind == observe::UnitKind::matrix)
            a_second += static_cast<double>(unit.peak_per_cycle) * unit.clock.hertz();
    return a_second * seconds;
}

/// Of the last step, of operators that ran again.
std::uint64_t recomputed_macs(const observe::Result& result, const schedule::Schedule& schedule) {
    std::uint64_t macs = 0;
    if (!result.last_step) return macs;
    for (const observe::OpTotals& op : result.last_step->ops)
        if (op.op < schedule.ops.size() && schedule.ops[op.op].again) macs += op.work.work.macs;
    return macs;
}

ip::Picoseconds time_of(const observe::StepRecord& step) { return step.end - step.begin; }

} // namespace

SteadyStep steady_step(const observe::Result& result, const schedule::Schedule& schedule) {
    using observe::Counter;
    const std::size_t count = result.steps.size();
    const observe::Counts& counts = result.over_time.last_step;
    SteadyStep step;
    step.number = count;
    step.first = result.steps.front().end;
    step.time = time_of(result.steps.back());
    if (count > 1) {
        const auto before = static_cast<double>(time_of(result.steps[count - 2]));
        step.change = ratio(static_cast<double>(step.time) - before, before);
        step.repeats = std::abs(*step.change) < alike;
    }
    const auto tokens = static_cast<double>(result.tokens_per_step);
    step.tokens_per_second = ratio(tokens, seconds(step.time));
    step.macs = counts[Counter::macs_fp32] + counts[Counter::macs_bf16];
    step.instructions = counts[Counter::instructions];
    step.commands = counts[Counter::commands];
    step.doorbells = counts[Counter::doorbells];
    step.dram_bytes = counts[Counter::dram_read_bytes] + counts[Counter::dram_write_bytes];
    step.cost = cost_of_last_step(result);
    step.token_joules = ratio(step.cost.energy.total, tokens);
    step.chip_token_joules = ratio(step.cost.chip_joules, tokens);
    step.tokens_per_joule = ratio(tokens, step.cost.energy.total);
    step.recomputed_macs = recomputed_macs(result, schedule);
    const double most = most_macs(result, step.cost.seconds);
    step.flop_utilisation = ratio(static_cast<double>(step.macs - step.recomputed_macs), most);
    step.hardware_flop_utilisation = ratio(static_cast<double>(step.macs), most);
    if (const double area = cost::area_of(step.cost.blocks).square_millimetres; area > 0)
        step.tokens_per_second_mm2 = step.tokens_per_second / area;
    return step;
}

std::string steadiness(const SteadyStep& step) {
    if (!step.change) return "of the first step: the next ones may be faster";
    if (!step.repeats && step.number == 2) return "of the second step; it takes a third to be sure";
    if (!step.repeats)
        return fmt::format("not steady yet: {:.3g} % {} than the step before", std::abs(*step.change) * 100,
                           *step.change > 0 ? "more" : "less");
    return "steady";
}

} // namespace gradus::report
