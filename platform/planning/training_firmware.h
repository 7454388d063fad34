// SPDX-License-Identifier: Apache-2.0
// The firmware that was built together with the program.
#pragma once

#include <string>

namespace gradus::planning {

/// Where it stands: firmware/train.elf beside the program.
std::string training_firmware();

/// Whether `path` leads to it, so that the program's own kernels plan what that firmware plans.
bool is_training_firmware(const std::string& path);

} // namespace gradus::planning
