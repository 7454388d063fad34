// SPDX-License-Identifier: Apache-2.0
// Energy, power, area and a step in the long run as parts of result.json; doc/result.md says what they mean.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "platform/report/steady.h"

namespace gradus::report {

nlohmann::ordered_json energy_json(const observe::Result& result, const CostAnalysis& cost);
nlohmann::ordered_json step_energy_json(const StepCost& cost);
nlohmann::ordered_json steady_json(const SteadyStep& step);
nlohmann::ordered_json area_json(const observe::Result& result, const CostAnalysis& cost);
/// By block, one number a window of over_time.
nlohmann::ordered_json power_json(const CostAnalysis& cost);

} // namespace gradus::report
