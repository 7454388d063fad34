// SPDX-License-Identifier: Apache-2.0
// One point from its scenario to its record.
#pragma once

#include <string>
#include <vector>

#include "platform/explore/record.h"
#include "platform/process/pool.h"
#include "platform/scenario/parameters.h"

namespace gradus::explore {

/// What a child does with a point: simulates it and returns a packed record with result and figures, or with what the
/// point was refused for. Throws what simulate() throws.
std::string evaluate(const scenario::Scenario& point, const std::string& firmware,
                     const std::vector<std::string>& figures);

/// The record of a child that has ended, in whatever way.
Record record_of(process::Outcome outcome);

} // namespace gradus::explore
