// SPDX-License-Identifier: Apache-2.0
// The outcome of validation, for terminals, for doc/validation.md and for programs.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "platform/report/terminal.h"
#include "platform/validate/reference.h"

namespace gradus::validate {

struct Counts {
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t reported = 0; ///< without a tolerance
};
Counts count(const std::vector<Reference>& references);

std::string as_text(const std::vector<Reference>& references, std::size_t width = report::usual_width);
/// All of doc/validation.md.
std::string as_markdown(const std::vector<Reference>& references);
nlohmann::ordered_json as_json(const std::vector<Reference>& references);

} // namespace gradus::validate
