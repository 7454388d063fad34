// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/knobs.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include <fmt/format.h>

#include "platform/scenario/check.h"
#include "platform/scenario/clocks.h"
#include "platform/scenario/schema.h"

namespace gradus::explore {

namespace {

using scenario::Parameter;
using scenario::Scenario;
using scenario::Value;

constexpr std::string_view control_clock = "control clock";

const Parameter& parameter(std::string_view key) {
    if (const Parameter* found = scenario::find(key)) return *found;
    throw std::logic_error(fmt::format("there is no key {}", key));
}

double number(const Value& value) {
    if (const auto* integer = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*integer);
    return std::get<double>(value);
}

bool is_zero(const Value& value) { return !std::holds_alternative<std::string>(value) && number(value) == 0; }

/// Of formats, half of fp32 is bf16 and twice of that fp32; what has no half, or no double, stays as it is.
Value scaled(const Value& value, double factor) {
    if (std::holds_alternative<std::string>(value)) return std::string(factor < 1 ? "bf16" : "fp32");
    if (std::holds_alternative<double>(value)) return number(value) * factor;
    return static_cast<std::uint64_t>(std::ceil(number(value) * factor));
}

/// Clocks of their own for all domains that have none, without a synchroniser between clocks that were one.
Scenario with_control_clock_apart(Scenario scenario) {
    scenario::ChipParameters& chip = scenario.chip;
    const double fabric = scenario::fabric_mhz(chip), dma = scenario::dma_mhz(chip),
                 engine = scenario::engine_mhz(chip);
    if (fabric == chip.clock_mhz && dma == chip.clock_mhz && engine == chip.clock_mhz) chip.crossing_cycles = 0;
    chip.fabric_clock_mhz = fabric;
    chip.dma_clock_mhz = dma;
    chip.engine_clock_mhz = engine;
    return scenario;
}

Turned skipped(std::string why) { return {std::nullopt, std::move(why), {}}; }

} // namespace

const std::vector<Knob>& knobs() {
    static const std::vector<Knob> all = {
        {"array and port",
         "compute (matrix)",
         true,
         {"chip.engine.matrix.rows", "chip.engine.matrix.cols", "chip.engine.matrix.port_bytes"}},
        {"array port", "operand bandwidth (matrix)", true, {"chip.engine.matrix.port_bytes"}},
        {"lanes and port", "compute (vector)", true, {"chip.engine.vector.lanes", "chip.engine.vector.port_bytes"}},
        {"vector port", "operand bandwidth (vector)", true, {"chip.engine.vector.port_bytes"}},
        {"engine start-up",
         "latency and dependencies",
         false,
         {"chip.engine.matrix.startup_cycles", "chip.engine.vector.startup_cycles"}},
        {"DRAM bandwidth",
         "DRAM bandwidth",
         true,
         {"chip.dram.organisation.burst_bytes", "chip.dram.organisation.row_bytes"}},
        {"DRAM latency",
         "latency and dependencies",
         false,
         {"chip.dram.front_end", "chip.dram.timing.rcd_read", "chip.dram.timing.rcd_write", "chip.dram.timing.rl",
          "chip.dram.timing.wl"}},
        {"scratchpad capacity", "scratchpad capacity", true, {"chip.scratchpad.bytes"}},
        {"scratchpad bandwidth", "scratchpad bandwidth", true, {"chip.scratchpad.banks"}},
        {"scratchpad latency", "latency and dependencies", false, {"chip.scratchpad.latency"}},
        {"fabric width",
         "fabric bandwidth",
         true,
         {"chip.fabric.port_bytes", "chip.fabric.sram_bytes", "chip.fabric.scratchpad_bytes", "chip.fabric.dram_bytes",
          "chip.dma.port_bytes"}},
        {"fabric latency", "latency and dependencies", false, {"chip.fabric.latency"}},
        {"DMA channels", "DMA", true, {"chip.dma.channels"}},
        {"DMA outstanding", "DMA", true, {"chip.dma.outstanding"}},
        {"DMA port", "DMA", true, {"chip.dma.port_bytes"}},
        {"DMA set-up", "DMA", false, {"chip.dma.setup_cycles", "chip.dma.row_cycles"}},
        {"descriptor decode", "latency and dependencies", false, {"chip.queue.issue_cycles"}},
        {"descriptor prefetch", "latency and dependencies", true, {"chip.queue.prefetch"}},
        {"control bus latency", "CPU issue", false, {"chip.bus.latency"}},
        {control_clock, "CPU issue", true, {"chip.clock_mhz"}},
        {"all clocks",
         "",
         true,
         {"chip.clock_mhz", "chip.fabric.clock_mhz", "chip.dma.clock_mhz", "chip.engine.clock_mhz"}},
        {"precision", "", false, {"model.format"}},
        {"batch", "", true, {"run.batch"}},
        {"sequence", "", true, {"model.context"}},
    };
    return all;
}

bool Knob::contains(const Knob& other) const {
    return other.keys.size() < keys.size() && std::all_of(other.keys.begin(), other.keys.end(), [&](auto key) {
               return std::find(keys.begin(), keys.end(), key) != keys.end();
           });
}

bool Knob::of_work() const { return keys.front().substr(0, 5) != "chip."; }

Turned turn(const Scenario& as_it_is, const Knob& knob, double factor) {
    Scenario base = as_it_is;
    base.chip = scenario::with_explicit_ports(base.chip);
    Turned turned;
    turned.scenario = knob.name == control_clock ? with_control_clock_apart(base) : base;
    for (const std::string_view key : knob.keys) {
        const Parameter& each = parameter(key);
        const Value before = each.get(base);
        if (is_zero(before)) continue;
        const Value after = scaled(before, factor);
        const std::string change =
            fmt::format("{} {} → {}", key, scenario::to_string(before), scenario::to_string(after));
        if (after == before)
            return skipped(
                fmt::format("{} = {} is the {}", key, scenario::to_string(before), factor < 1 ? "least" : "most"));
        if (!each.allows(after)) return skipped(fmt::format("{}: allowed is {}", change, each.allowed()));
        each.set(*turned.scenario, after);
        turned.changes.push_back(change);
    }
    if (turned.changes.empty()) return skipped(fmt::format("{} = 0", knob.keys.front()));
    if (const auto conflict = scenario::find_conflict(*turned.scenario)) return skipped(conflict->message);
    return turned;
}

} // namespace gradus::explore
