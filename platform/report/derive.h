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
/// What a unit did while it was busy, as a share of what it could have done; 0 for the hart.
double efficiency(const observe::UnitInfo& unit, const observe::UnitTotals& totals);
/// Null when the result has no such memory.
const observe::MemoryTotals* find_memory(const observe::Result& result, const std::string& name);
/// Share of `time` that the memory's data bus needs.
double taken(const observe::MemoryTotals& memory, ip::Picoseconds time);
/// From reset to the end of the last step, without the validations in between; 0 without a step.
ip::Picoseconds training_time(const observe::Result& result);
/// Of all validations, that after the last step too.
ip::Picoseconds validation_time(const observe::Result& result);
/// Seconds.
double seconds(ip::Picoseconds time);

} // namespace gradus::report
