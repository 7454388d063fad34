// SPDX-License-Identifier: Apache-2.0
// The models against what is known about them from elsewhere: closed forms, other simulators, other programs, hardware.
#pragma once

#include <string>
#include <vector>

#include "platform/validate/reference.h"

namespace gradus::validate {

/// Where things are.
struct Places {
    std::string scenarios; ///< the folder scenarios/, with validation/ in it
    std::string firmware;  ///< the training firmware
};

// Each throws TableError, scenario::ScenarioError, SimulationError.
Reference check_systolic_arrays(const Places& places);
Reference check_rtl_arrays(const Places& places);
Reference check_dram(const Places& places);
Reference check_losses(const Places& places);
Reference check_lean_engine(const Places& places);

/// All of them, in this order.
std::vector<Reference> check_everything(const Places& places);

} // namespace gradus::validate
