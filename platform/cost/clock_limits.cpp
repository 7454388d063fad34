// SPDX-License-Identifier: Apache-2.0
#include "platform/cost/clock_limits.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/scenario/clocks.h"

namespace gradus::cost {

namespace {

/// Frequency at a voltage, relative to the one at nominal voltage.
double speed_at(const scenario::Voltage& voltage, double volts) {
    const auto law = [&](double each) { return std::pow(each - voltage.threshold, voltage.alpha) / each; };
    return law(volts) / law(voltage.nominal);
}

/// The least voltage from nominal to highest for a frequency, relative to the one at nominal voltage: the law rises, so
/// halving the interval finds it.
double volts_for(const scenario::Voltage& voltage, double speed) {
    if (speed <= 1) return voltage.nominal;
    if (speed >= speed_at(voltage, voltage.highest)) return voltage.highest;
    double low = voltage.nominal, high = voltage.highest;
    for (int halving = 0; halving < 60; ++halving) {
        const double middle = (low + high) / 2;
        (speed_at(voltage, middle) < speed ? low : high) = middle;
    }
    return high;
}

/// Of a memory whose answer may take `latency` cycles: it has registers between its macros, or one macro and one cycle.
/// However many there are, no part of it is faster than the smallest macro.
double memory_mhz(const scenario::BlockSpeed& speed, double capacity, ip::Cycles latency) {
    constexpr double reference = 8192, mhz_ns = 1000;
    const double access = speed.sram_ns + speed.sram_line_ns * std::sqrt(capacity / reference);
    const auto cycles = static_cast<double>(std::max<ip::Cycles>(latency, 1));
    return mhz_ns / std::max(access / cycles, speed.sram_ns);
}

} // namespace

ChipClocks clocks_of(const scenario::ChipParameters& chip) {
    const scenario::TechnologyParameters& technology = chip.technology;
    const scenario::BlockSpeed& speed = technology.clock;
    ChipClocks clocks;
    clocks.uncertainty = technology.uncertainty.clock * technology.scale.speed_uncertainty;
    const double headroom = speed_at(technology.voltage, technology.voltage.highest);
    double fastest = 0;
    const auto add = [&](std::string_view name, double mhz, double at_45_nm) {
        const double nominal = at_45_nm * technology.scale.speed;
        clocks.blocks.push_back({name, mhz, nominal, nominal * headroom});
        fastest = std::max(fastest, mhz / nominal);
    };
    const double engine = scenario::engine_mhz(chip);
    const double bank = static_cast<double>(chip.scratchpad.bytes) / chip.scratchpad.banks;
    add("matrix", engine, speed.array_mhz);
    add("vector", engine, speed.lane_mhz);
    add("scratchpad", engine, memory_mhz(speed, bank, chip.scratchpad.latency));
    add("sram", chip.clock_mhz, memory_mhz(speed, static_cast<double>(chip.sram.bytes), chip.sram.latency));
    add("dma", scenario::dma_mhz(chip), speed.fabric_mhz);
    add("cpu", chip.clock_mhz, speed.hart_mhz);
    add("fabric", scenario::fabric_mhz(chip), speed.fabric_mhz);
    clocks.volts = volts_for(technology.voltage, fastest);
    return clocks;
}

ClockFactors clock_factors(const scenario::TechnologyParameters& technology, const ChipClocks& clocks,
                           std::string_view block) {
    const auto clock = std::find_if(clocks.blocks.begin(), clocks.blocks.end(),
                                    [&](const BlockClock& each) { return each.name == block; });
    if (clock == clocks.blocks.end()) return {};
    const double volts = clocks.volts / technology.voltage.nominal;
    const double room = clock->highest_mhz - clock->nominal_mhz;
    const double way = room > 0 ? std::clamp((clock->mhz - clock->nominal_mhz) / room, 0.0, 1.0) : 0;
    return {volts * volts, volts, 1 + (technology.clock.area_at_highest - 1) * way};
}

std::optional<std::string> clock_warning(const scenario::ChipParameters& chip) {
    const scenario::TechnologyParameters& technology = chip.technology;
    const ChipClocks clocks = clocks_of(chip);
    std::string blocks;
    for (const BlockClock& block : clocks.blocks)
        if (block.beyond())
            blocks += fmt::format("{}{} {:.4g} of {:.4g} MHz", blocks.empty() ? "" : ", ", block.name, block.mhz,
                                  block.highest_mhz);
    if (blocks.empty()) return std::nullopt;
    const std::string process =
        technology.name.empty() ? fmt::format("a process of {:.4g} nm", technology.node_nm) : technology.name;
    return fmt::format("beyond the highest clock of {} at {:.3g} V, an estimate with a factor of {:.2g} either way: {}",
                       process, technology.voltage.highest, clocks.uncertainty, blocks);
}

} // namespace gradus::cost
