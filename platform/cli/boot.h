// SPDX-License-Identifier: Apache-2.0
// What firmware of which nothing is known says to a chip and a model: it is run for a moment.
#pragma once

#include <string>

#include "platform/scenario/parameters.h"
#include "platform/schedule/schedule.h"

namespace gradus::cli {

/// Simulates timing alone until the firmware ends or has done a step, for a second of processor time at most, and says
/// how far it came. Throws what planning::demand_success() throws.
std::string boot(const scenario::Scenario& scenario, const schedule::Schedule& schedule, const std::string& firmware);

} // namespace gradus::cli
