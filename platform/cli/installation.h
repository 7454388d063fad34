// SPDX-License-Identifier: Apache-2.0
// What lies beside the program, wherever that is.
#pragma once

#include <string>

namespace gradus::cli {

/// The folder scenarios/.
std::string own_scenarios();

} // namespace gradus::cli
