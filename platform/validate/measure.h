// SPDX-License-Identifier: Apache-2.0
// Times one operator on a chip, through the same firmware as a training run.
//
// It runs twice; the second time counts, when the firmware has chosen its tiles and knows the operator. Measured is the
// time from when the hart takes the operator up until all of its commands have retired and the hart knows: nothing of
// another operator overlaps with it, so its loads, its stores and the launch stand alone.
#pragma once

#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "platform/observe/trace_sink.h"
#include "platform/scenario/parameters.h"
#include "platform/schedule/operator.h"

namespace gradus::validate {

/// The simulation did not end as it should, as one message for people.
class SimulationError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// In a process of its own. The answer is an entry of `results` as doc/result.md describes for `gradus op --json`.
/// Throws what build_operator throws, and SimulationError.
nlohmann::ordered_json measure(const scenario::ChipParameters& chip, const schedule::OperatorRequest& request,
                               scenario::DataPlane data, const std::string& firmware);

/// The same in this process, which can simulate nothing else after it. Throws std::runtime_error where measure() throws
/// SimulationError.
nlohmann::ordered_json measure_here(const scenario::ChipParameters& chip, const schedule::OperatorRequest& request,
                                    scenario::DataPlane data, const std::string& firmware);

/// Simulates what measure_here() simulates, in this process, for `trace` to hear. Throws std::runtime_error.
void simulate_for_trace(const scenario::ChipParameters& chip, const schedule::OperatorRequest& request,
                        scenario::DataPlane data, const std::string& firmware, observe::TraceSink& trace);

/// "1024x768x768"
std::string shape_text(const schedule::OperatorRequest& request);

} // namespace gradus::validate
