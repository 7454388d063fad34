// SPDX-License-Identifier: Apache-2.0
#include "platform/report/cost.h"

#include "platform/report/derive.h"

namespace gradus::report {

namespace {

double dram_joules(const std::vector<cost::Block>& blocks, const cost::EnergyReport& energy) {
    double joules = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i)
        if (blocks[i].name == "dram") joules += energy.blocks[i].total();
    return joules;
}

struct Efficiency {
    double tops_per_watt = 0;
    double chip_tops_per_watt = 0;
};

Efficiency efficiency_of(const std::vector<cost::Block>& blocks, const cost::EnergyReport& energy,
                         const observe::Counts& counts) {
    using observe::Counter;
    const double operations = 2 * static_cast<double>(counts[Counter::macs_fp32] + counts[Counter::macs_bf16]);
    return {ratio(operations * 1e-12, energy.total),
            ratio(operations * 1e-12, energy.total - dram_joules(blocks, energy))};
}

} // namespace

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
        const double training = seconds(training_time(result));
        const double joules = cost::energy_of(analysis.blocks, over_time.training, training).total;
        analysis.step_joules = joules / static_cast<double>(result.steps.size());
        analysis.token_joules = ratio(analysis.step_joules, static_cast<double>(result.tokens_per_step));
    }
    const Efficiency efficiency = efficiency_of(analysis.blocks, analysis.run, over_time.total);
    analysis.tops_per_watt = efficiency.tops_per_watt;
    analysis.chip_tops_per_watt = efficiency.chip_tops_per_watt;
    return analysis;
}

StepCost cost_of_last_step(const observe::Result& result) {
    const observe::StepRecord& step = result.steps.back();
    StepCost cost;
    cost.blocks = cost::blocks_of(result.scenario.chip, result.scenario.model.format);
    cost.seconds = seconds(step.end - step.begin);
    cost.energy = cost::energy_of(cost.blocks, result.over_time.last_step, cost.seconds);
    cost.chip_joules = cost.energy.total - dram_joules(cost.blocks, cost.energy);
    cost.average_watts = ratio(cost.energy.total, cost.seconds);
    const Efficiency efficiency = efficiency_of(cost.blocks, cost.energy, result.over_time.last_step);
    cost.tops_per_watt = efficiency.tops_per_watt;
    cost.chip_tops_per_watt = efficiency.chip_tops_per_watt;
    return cost;
}

} // namespace gradus::report
