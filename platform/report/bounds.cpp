// SPDX-License-Identifier: Apache-2.0
#include "platform/report/bounds.h"

#include <algorithm>
#include <cmath>

#include "platform/report/derive.h"
#include "platform/scenario/clocks.h"

namespace gradus::report {

namespace {

using observe::Result;
using observe::UnitKind;

double dram_bytes(const observe::WorkByKind& work) {
    const ip::CommandWork& dma = work.of(UnitKind::dma);
    return static_cast<double>(dma.dram_read + dma.dram_written);
}

double scratchpad_bytes(const observe::WorkByKind& work, UnitKind kind) {
    return static_cast<double>(work.of(kind).scratchpad_read + work.of(kind).scratchpad_written);
}

double scratchpad_bytes(const observe::WorkByKind& work) {
    return scratchpad_bytes(work, UnitKind::dma) + scratchpad_bytes(work, UnitKind::matrix) +
           scratchpad_bytes(work, UnitKind::vector);
}

class Bounds {
public:
    Bounds(const Result& result, const BoundedWork& what) : result_(result), what_(what) {}

    void cycles(const char* resource, double work, double per_cycle) {
        if (per_cycle > 0) add(resource, work / per_cycle * static_cast<double>(chip_clock().period));
    }
    /// `cycles` of engines, which at best share them evenly.
    void engines(const char* resource, UnitKind kind, ip::Cycles cycles) {
        double period = 0, count = 0;
        for (const observe::UnitInfo& unit : result_.units)
            if (unit.kind == kind) {
                period = static_cast<double>(unit.clock.period);
                ++count;
            }
        if (count > 0) add(resource, static_cast<double>(cycles) * period / count);
    }
    // All units of a kind share the work evenly at best.
    void units(const char* resource, UnitKind kind) {
        double peak = 0;
        for (const observe::UnitInfo& unit : result_.units)
            if (unit.kind == kind) peak += static_cast<double>(unit.peak_per_cycle) * chip_cycles(unit.clock);
        cycles(resource, static_cast<double>(what_.work.of(kind).amount()), peak);
    }
    /// The slower of the ports to DRAM and scratchpad.
    void fabric(double dram, double scratchpad) {
        const scenario::ChipParameters& chip = result_.scenario.chip;
        const auto beats = [&](double bytes, ip::Bytes own) {
            return bytes / static_cast<double>(scenario::port_bytes(chip, own));
        };
        cycles("fabric", std::max(beats(dram, chip.fabric_ports.dram), beats(scratchpad, chip.fabric_ports.scratchpad)),
               chip_cycles(scenario::fabric_clock(chip)));
    }
    void memory(const char* resource, const char* name, double bytes) {
        const observe::MemoryTotals* memory = find_memory(result_, name);
        if (memory && memory->peak_bytes_per_second > 0) add(resource, bytes / memory->peak_bytes_per_second * 1e12);
    }
    void add(const char* resource, double picoseconds) {
        LowerBound bound{resource, static_cast<ip::Picoseconds>(std::llround(picoseconds)), 0};
        bound.share = ratio(static_cast<double>(bound.time), static_cast<double>(what_.time));
        list.push_back(std::move(bound));
    }

    std::vector<LowerBound> list;

private:
    ip::Clock chip_clock() const { return scenario::chip_clock(result_.scenario.chip); }
    /// How many cycles of `clock` there are in one of the chip's.
    double chip_cycles(ip::Clock clock) const { return clock.cycles(chip_clock().period); }

    const Result& result_;
    const BoundedWork& what_;
};

std::vector<LowerBound> bounds(const Result& result, const BoundedWork& what, double dram, double scratchpad) {
    Bounds bounds(result, what);
    for (const UnitKind kind : {UnitKind::matrix, UnitKind::vector}) {
        const ip::CommandWork& work = what.work.of(kind);
        const bool matrix = kind == UnitKind::matrix;
        bounds.engines(matrix ? "matrix unit" : "vector unit", kind, work.compute_cycles);
        bounds.engines(matrix ? "matrix port" : "vector port", kind, work.port_cycles);
    }
    bounds.units("DMA channels", UnitKind::dma);
    bounds.fabric(dram_bytes(what.work), scratchpad_bytes(what.work, UnitKind::dma));
    bounds.memory("DRAM bandwidth", "dram", dram);
    bounds.memory("scratchpad bandwidth", "scratchpad", scratchpad);
    bounds.add("CPU issue", static_cast<double>(occupied(UnitKind::cpu, what.hart)));
    return std::move(bounds.list);
}

double counted(const Result& result, const char* name) {
    const observe::MemoryTotals* memory = find_memory(result, name);
    return memory ? static_cast<double>(memory->bytes_read + memory->bytes_written) : 0;
}

} // namespace

BoundedWork work_of_step(const Result& result, const observe::StepRecord& record) {
    BoundedWork step;
    step.work = record.work;
    step.time = record.end - record.begin;
    for (std::size_t unit = 0; unit < std::min(record.units.size(), result.units.size()); ++unit)
        if (result.units[unit].kind == UnitKind::cpu) step.hart += record.units[unit];
    return step;
}

std::vector<LowerBound> lower_bounds(const Result& result, const BoundedWork& what) {
    return bounds(result, what, dram_bytes(what.work), scratchpad_bytes(what.work));
}

std::vector<LowerBound> lower_bounds_of_run(const Result& result) {
    BoundedWork run;
    run.time = result.time;
    for (std::size_t i = 0; i < std::min(result.units.size(), result.unit_totals.size()); ++i) {
        run.work.add(result.units[i].kind, result.unit_totals[i].work.work);
        if (result.units[i].kind == UnitKind::cpu) run.hart += result.unit_totals[i].usage;
    }
    return bounds(result, run, std::max(dram_bytes(run.work), counted(result, "dram")),
                  std::max(scratchpad_bytes(run.work), counted(result, "scratchpad")));
}

const LowerBound* tightest(const std::vector<LowerBound>& bounds) {
    const auto top = std::max_element(bounds.begin(), bounds.end(),
                                      [](const LowerBound& a, const LowerBound& b) { return a.time < b.time; });
    return top == bounds.end() ? nullptr : &*top;
}

} // namespace gradus::report
