// SPDX-License-Identifier: Apache-2.0
#include "platform/report/derive.h"

#include <algorithm>

namespace gradus::report {

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

ip::Picoseconds occupied(observe::UnitKind kind, const observe::Usage& usage) {
    const auto wait = kind == observe::UnitKind::cpu ? ip::Activity::stall_bus : ip::Activity::stall_memory;
    return usage.busy() + usage.by_activity[static_cast<std::size_t>(wait)];
}

double efficiency(const observe::UnitInfo& unit, const observe::UnitTotals& totals) {
    return ratio(static_cast<double>(totals.work.work.amount()),
                 unit.clock.cycles(totals.usage.busy()) * static_cast<double>(unit.peak_per_cycle));
}

const observe::MemoryTotals* find_memory(const observe::Result& result, const std::string& name) {
    for (const observe::MemoryTotals& memory : result.memories)
        if (memory.name == name) return &memory;
    return nullptr;
}

double taken(const observe::MemoryTotals& memory, ip::Picoseconds time) {
    const auto bytes = static_cast<double>(memory.bytes_read + memory.bytes_written);
    const double at_peak = ratio(bytes, memory.peak_bytes_per_second) * 1e12;
    return ratio(std::max(static_cast<double>(memory.busy), at_peak), static_cast<double>(time));
}

ip::Picoseconds training_time(const observe::Result& result) {
    if (result.steps.empty()) return 0;
    const ip::Picoseconds end = result.steps.back().end;
    ip::Picoseconds time = end;
    for (const observe::Validation& validation : result.validations)
        if (validation.end <= end) time -= validation.end - validation.begin;
    return time;
}

ip::Picoseconds validation_time(const observe::Result& result) {
    ip::Picoseconds time = 0;
    for (const observe::Validation& validation : result.validations)
        time += validation.end - validation.begin;
    return time;
}

double seconds(ip::Picoseconds time) { return static_cast<double>(time) * 1e-12; }

} // namespace gradus::report
