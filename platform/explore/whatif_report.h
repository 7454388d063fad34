// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace gradus::explore {

/// A page about an outcome as as_json() of sensitivity.h or variations.h gives it: a tornado chart, or what suits the
/// number of keys that vary. One file that needs no other.
std::string whatif_report(const nlohmann::ordered_json& outcome);

} // namespace gradus::explore
