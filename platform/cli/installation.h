// SPDX-License-Identifier: Apache-2.0
// What lies beside the program, wherever that is.
#pragma once

#include <string>

namespace gradus::cli {

/// The training firmware that was built together with this program.
std::string own_firmware();
/// The folder scenarios/.
std::string own_scenarios();

} // namespace gradus::cli
