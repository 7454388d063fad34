// SPDX-License-Identifier: Apache-2.0
// Whether a text is a result as doc/result.md describes it: the fields that reports read are there and of their type.
// Files come from anywhere; what has passed can be read without further questions.
#pragma once

#include <cstdint>
#include <istream>
#include <vector>

#include <nlohmann/json.hpp>

namespace gradus::report {

/// What a page shows of a step.
struct StepFigures {
    double step;
    double time_ps;
    double loss; ///< NaN: none
};

struct CheckedResult {
    nlohmann::ordered_json json; ///< its list `steps` is empty
    std::vector<StepFigures> steps;
};

/// Throws PageError: "totals.time_ps: a number is expected, not a text". What is nested deeper than a result ever is,
/// or larger, is refused; steps may be as many as there are.
CheckedResult parse_result(std::istream& text);

} // namespace gradus::report
