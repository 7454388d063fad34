// SPDX-License-Identifier: Apache-2.0
// Pieces of JSON that several documents have in common; doc/result.md says what they mean.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "platform/observe/result.h"
#include "platform/report/bounds.h"

namespace gradus::report {

double nanoseconds(ip::Picoseconds time);

/// object[name_ns] to read, object[name_ps] to add up exactly.
void put_time(nlohmann::ordered_json& object, const std::string& name, ip::Picoseconds time);

/// By unit, what it did in a part of the run that took `time`: busy, fetch, fence, memory, bus, idle. They add up to
/// it.
nlohmann::ordered_json usages_json(const observe::Result& result, const std::vector<observe::Usage>& units,
                                   ip::Picoseconds time);

/// Where the values of the scenario come from, by key: those that have not their default.
nlohmann::ordered_json origins_json(const scenario::Scenario& scenario);

/// What units did and what was counted, window by window.
nlohmann::ordered_json over_time_json(const observe::Result& result);

nlohmann::ordered_json bounds_json(const std::vector<LowerBound>& bounds);

/// By unit, its part of a step's critical path; units that have none are left out.
nlohmann::ordered_json path_of_step_json(const observe::Result& result, const observe::StepRecord& record);

} // namespace gradus::report
