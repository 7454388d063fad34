// SPDX-License-Identifier: Apache-2.0
#include "platform/report/cost.h"

#include "platform/report/derive.h"

namespace gradus::report {

CostAnalysis analyse_cost(const observe::Result& result) {
    CostAnalysis analysis;
    const observe::OverTime& over_time = result.over_time;
    analysis.blocks = cost::blocks_of(result.scenario.chip, result.scenario.model.format);
    analysis.run = cost::energy_of(analysis.blocks, over_time.total, seconds(result.time));
    analysis.area = cost::area_of(analysis.blocks);
    analysis.power = cost::power_over_time(analysis.blocks, over_time, result.time);
    analysis.average_watts = ratio(analysis.run.total, seconds(result.time));
    analysis.peak_watts = cost::peak_power(analysis.power);
    if (!result.steps.empty()) {
        const ip::Picoseconds training = result.steps.back().end;
        const double joules = cost::energy_of(analysis.blocks, over_time.training, seconds(training)).total;
        analysis.step_joules = joules / static_cast<double>(result.steps.size());
        analysis.token_joules = ratio(analysis.step_joules, static_cast<double>(result.tokens_per_step));
    }
    using observe::Counter;
    const double operations =
        2 * static_cast<double>(over_time.total[Counter::macs_fp32] + over_time.total[Counter::macs_bf16]);
    double dram = 0;
    for (std::size_t i = 0; i < analysis.blocks.size(); ++i)
        if (analysis.blocks[i].name == "dram") dram += analysis.run.blocks[i].total();
    analysis.tops_per_watt = ratio(operations * 1e-12, analysis.run.total);
    analysis.chip_tops_per_watt = ratio(operations * 1e-12, analysis.run.total - dram);
    return analysis;
}

} // namespace gradus::report
