// SPDX-License-Identifier: Apache-2.0
// What a run cost: energy, power and area, by the figures of the scenario's technology (platform/cost).
#pragma once

#include <vector>

#include "platform/cost/energy.h"
#include "platform/observe/result.h"

namespace gradus::report {

struct CostAnalysis {
    std::vector<cost::Block> blocks;
    cost::EnergyReport run;
    cost::AreaReport area;
    std::vector<std::vector<double>> power; ///< watts by block, then by window of the run
    double average_watts = 0;
    double peak_watts = 0;         ///< in one window
    double step_joules = 0;        ///< mean of the steps; 0 without a step
    double token_joules = 0;       ///< of training
    double tops_per_watt = 0;      ///< two operations a multiply-accumulate, over all energy
    double chip_tops_per_watt = 0; ///< the same without the DRAM's energy
};

CostAnalysis analyse_cost(const observe::Result& result);

/// Of the last step alone, from the end of the one before.
struct StepCost {
    std::vector<cost::Block> blocks;
    cost::EnergyReport energy;
    double chip_joules = 0; ///< without the DRAM
    double seconds = 0;
    double average_watts = 0;
    double tops_per_watt = 0;
    double chip_tops_per_watt = 0;
};

/// Of a run with at least one step.
StepCost cost_of_last_step(const observe::Result& result);

} // namespace gradus::report
