// SPDX-License-Identifier: Apache-2.0
// The pages that are part of the program, each one file that needs no other and loads nothing from anywhere. Its module
// in page/ says what data it shows.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace gradus::report {

enum class Page { report, sweep, whatif };

/// A page with its data in place. Nothing of the data can become part of the page's code: in it, "<" is escaped.
std::string with_data(Page page, const nlohmann::ordered_json& data);

} // namespace gradus::report
