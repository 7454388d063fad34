// SPDX-License-Identifier: Apache-2.0
#include "platform/report/json_cost.h"

#include <nlohmann/json.hpp>

#include "platform/report/derive.h"
#include "platform/report/json_parts.h"

namespace gradus::report {

using Json = nlohmann::ordered_json;

namespace {

Json fpga_json(const cost::FpgaArea& fpga) {
    return {{"lut", fpga.lut}, {"ff", fpga.ff}, {"dsp", fpga.dsp}, {"bram", fpga.bram}};
}

/// By kind, and by block.
void put_parts(Json& energy, const std::vector<cost::Block>& blocks, const cost::EnergyReport& report,
               double duration) {
    energy["kinds"] = {{"dynamic_j", report.dynamic}, {"leakage_j", report.leakage}, {"standby_j", report.standby}};
    energy["blocks"] = Json::array();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const cost::Energy& block = report.blocks[i];
        const bool standby = blocks[i].static_kind == cost::StaticKind::standby;
        energy["blocks"].push_back({{"name", blocks[i].name},
                                    {"dynamic_j", block.dynamic},
                                    {"leakage_j", standby ? 0 : block.at_rest},
                                    {"standby_j", standby ? block.at_rest : 0},
                                    {"total_j", block.total()},
                                    {"average_w", ratio(block.total(), duration)}});
    }
}

} // namespace

Json energy_json(const observe::Result& result, const CostAnalysis& cost) {
    const scenario::TechnologyParameters& technology = result.scenario.chip.technology;
    Json energy;
    energy["technology"] = technology.name;
    energy["node_nm"] = technology.node_nm;
    energy["total_j"] = cost.run.total;
    energy["low_j"] = cost.run.range.low;
    energy["high_j"] = cost.run.range.high;
    energy["step_j"] = cost.step_joules;
    energy["token_j"] = cost.token_joules;
    energy["average_w"] = cost.average_watts;
    energy["peak_w"] = cost.peak_watts;
    energy["peak_window_ps"] = result.over_time.window;
    energy["tops_per_watt"] = cost.tops_per_watt;
    energy["chip_tops_per_watt"] = cost.chip_tops_per_watt;
    put_parts(energy, cost.blocks, cost.run, seconds(result.time));
    return energy;
}

Json step_energy_json(const StepCost& cost) {
    Json energy;
    energy["total_j"] = cost.energy.total;
    energy["chip_total_j"] = cost.chip_joules;
    energy["low_j"] = cost.energy.range.low;
    energy["high_j"] = cost.energy.range.high;
    energy["average_w"] = cost.average_watts;
    energy["tops_per_watt"] = cost.tops_per_watt;
    energy["chip_tops_per_watt"] = cost.chip_tops_per_watt;
    put_parts(energy, cost.blocks, cost.energy, cost.seconds);
    return energy;
}

Json steady_json(const SteadyStep& step) {
    Json json;
    put_time(json, "time", step.time);
    json["tokens_per_second"] = step.tokens_per_second;
    json["repeats"] = step.repeats;
    json["change"] = step.change ? Json(*step.change) : Json(nullptr);
    put_time(json, "first", step.first);
    json["macs"] = step.macs;
    json["recomputed_macs"] = step.recomputed_macs;
    json["commands"] = step.commands;
    json["doorbells"] = step.doorbells;
    json["instructions"] = step.instructions;
    json["dram_bytes"] = step.dram_bytes;
    json["token_j"] = step.token_joules;
    json["chip_token_j"] = step.chip_token_joules;
    json["tokens_per_joule"] = step.tokens_per_joule;
    json["flop_utilisation"] = step.flop_utilisation;
    json["hardware_flop_utilisation"] = step.hardware_flop_utilisation;
    if (step.tokens_per_second_mm2) json["tokens_per_second_mm2"] = *step.tokens_per_second_mm2;
    json["energy"] = step_energy_json(step.cost);
    return json;
}

Json area_json(const observe::Result& result, const CostAnalysis& cost) {
    Json area, blocks = Json::array();
    const bool fpga = result.scenario.chip.technology.fpga.enabled;
    if (fpga) {
        area = fpga_json(cost.area.fpga);
    } else {
        area["total_mm2"] = cost.area.square_millimetres;
        area["low_mm2"] = cost.area.range.low;
        area["high_mm2"] = cost.area.range.high;
    }
    for (const cost::Block& block : cost.blocks) {
        Json entry;
        entry["name"] = block.name;
        if (fpga)
            entry.update(fpga_json(block.fpga));
        else
            entry["mm2"] = block.square_millimetres;
        blocks.push_back(std::move(entry));
    }
    area["blocks"] = std::move(blocks);
    return area;
}

Json power_json(const CostAnalysis& cost) {
    Json power = Json::array();
    for (std::size_t i = 0; i < cost.blocks.size(); ++i)
        power.push_back({{"block", cost.blocks[i].name}, {"values", cost.power[i]}});
    return power;
}

} // namespace gradus::report
