// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace gradus::report {

/// Indented by two blanks and ending in a line feed, but a list or an object of plain values stands on one line where
/// that is no longer than 120 columns, and long lists of numbers fill lines of that length. Text that is not UTF-8 has
/// its broken bytes replaced by U+FFFD.
std::string json_text(const nlohmann::ordered_json& json);

} // namespace gradus::report
