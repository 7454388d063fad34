// SPDX-License-Identifier: Apache-2.0
// One point of a design space is one scenario, complete.
#pragma once

#include <string>

#include "platform/scenario/parameters.h"

namespace gradus::explore {

/// Simulates the point and returns the text of its result.json; what the firmware prints goes to stdout. Once a
/// process: a SystemC kernel simulates once. Throws schedule::ScheduleError or chip::Refused for a point that makes no
/// run, with the training firmware before anything is simulated, and std::runtime_error for a run that did not end with
/// the firmware's exit code 0.
std::string simulate(const scenario::Scenario& point, const std::string& firmware);

} // namespace gradus::explore
