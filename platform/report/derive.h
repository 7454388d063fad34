// SPDX-License-Identifier: Apache-2.0
// Small sums over a result that several parts of a report need.
#pragma once

#include <string>

#include "platform/observe/result.h"

namespace gradus::report {

/// part / whole; 0 of an empty whole.
double ratio(double part, double whole);
/// Time that a unit spends executing commands or, for the hart, instructions: busy, and waiting for what it accesses.
ip::Picoseconds occupied(observe::UnitKind kind, const observe::Usage& usage);
/// The clock on which the unit's peak counts.
ip::Clock unit_clock(const observe::Result& result, const observe::UnitInfo& unit);
/// Bytes of a DMA command's longer side, multiply-accumulates or elements, by the unit's kind; 0 for the hart.
std::uint64_t work_of(observe::UnitKind kind, const ip::CommandWork& work);
/// Null when the result has no such memory.
const observe::MemoryTotals* find_memory(const observe::Result& result, const std::string& name);
/// Share of `time` that the memory's data bus needs.
double taken(const observe::MemoryTotals& memory, ip::Picoseconds time);
/// Seconds.
double seconds(ip::Picoseconds time);

} // namespace gradus::report
