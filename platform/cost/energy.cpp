// SPDX-License-Identifier: Apache-2.0
#include "platform/cost/energy.h"

#include <algorithm>

namespace gradus::cost {

Energy energy_of(const Block& block, const observe::Counts& counts, double seconds) {
    return {block.dynamic_joules(counts), block.static_watts * seconds};
}

EnergyReport energy_of(const std::vector<Block>& blocks, const observe::Counts& counts, double seconds) {
    EnergyReport report;
    for (const Block& block : blocks) {
        const Energy energy = energy_of(block, counts, seconds);
        report.blocks.push_back(energy);
        report.dynamic += energy.dynamic;
        (block.static_kind == StaticKind::standby ? report.standby : report.leakage) += energy.at_rest;
        report.range.low += energy.dynamic / block.energy_uncertainty + energy.at_rest / block.static_uncertainty;
        report.range.high += energy.dynamic * block.energy_uncertainty + energy.at_rest * block.static_uncertainty;
    }
    report.total = report.dynamic + report.leakage + report.standby;
    return report;
}

std::vector<std::vector<double>> power_over_time(const std::vector<Block>& blocks, const observe::OverTime& over_time,
                                                 ip::Picoseconds run) {
    std::vector<std::vector<double>> power(blocks.size());
    for (std::size_t window = 0; window < over_time.counts.size(); ++window) {
        const ip::Picoseconds begin = window * over_time.window;
        const double seconds = static_cast<double>(std::min(over_time.window, run - begin)) * 1e-12;
        for (std::size_t block = 0; block < blocks.size(); ++block)
            power[block].push_back(energy_of(blocks[block], over_time.counts[window], seconds).total() / seconds);
    }
    return power;
}

double peak_power(const std::vector<std::vector<double>>& power) {
    double peak = 0;
    for (std::size_t window = 0; !power.empty() && window < power.front().size(); ++window) {
        double sum = 0;
        for (const std::vector<double>& block : power)
            sum += block[window];
        peak = std::max(peak, sum);
    }
    return peak;
}

AreaReport area_of(const std::vector<Block>& blocks) {
    AreaReport report;
    for (const Block& block : blocks) {
        report.square_millimetres += block.square_millimetres;
        report.fpga += block.fpga;
        report.range.low += block.square_millimetres / block.area_uncertainty;
        report.range.high += block.square_millimetres * block.area_uncertainty;
    }
    return report;
}

} // namespace gradus::cost
