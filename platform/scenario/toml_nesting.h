// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace gradus::scenario {

/// Where in a TOML text a list or inline table begins that stands inside of `most` others; nothing without such a one.
/// What stands in strings and comments does not count. A parser that refuses the text does not get beyond that place.
std::optional<std::size_t> nested_beyond(std::string_view toml, std::size_t most);

} // namespace gradus::scenario
