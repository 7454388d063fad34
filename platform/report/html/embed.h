// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace gradus::report {

/// A bundled page with its data in place. Nothing of the data can become part of the page's code: in it, "<" is
/// escaped.
std::string with_data(std::string_view page, const nlohmann::ordered_json& data);

} // namespace gradus::report
