// SPDX-License-Identifier: Apache-2.0
// Whether a text is a result as doc/result.md describes it: the fields that reports read are there and of their type.
// Files come from anywhere; what has passed can be read without further questions.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace gradus::report {

/// Throws PageError: "totals.time_ps: a number is expected, not a text". What is nested deeper than a result ever is,
/// is refused.
nlohmann::ordered_json parse_result(const std::string& text);

} // namespace gradus::report
