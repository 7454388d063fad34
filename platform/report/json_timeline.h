// SPDX-License-Identifier: Apache-2.0
// The objects `timeline` and `memory_plan` of result.json.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "platform/observe/result.h"
#include "platform/schedule/schedule.h"

namespace gradus::report {

nlohmann::ordered_json timeline_json(const observe::Result& result);
nlohmann::ordered_json memory_plan_json(const schedule::Schedule& schedule);

} // namespace gradus::report
