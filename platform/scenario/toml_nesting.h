// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace gradus::scenario {

/// Where in a TOML text a list or inline table begins that stands inside of `most` others; nothing without such a one.
/// What stands in strings and comments does not count. A parser that refuses the text does not get beyond that place.
std::optional<std::size_t> nested_beyond(std::string_view toml, std::size_t most);

/// Where a character beyond ASCII stands that is in no string and no comment; nothing without such a one. TOML 1.0 has
/// no place for it, and the parser looks such characters up in tables that do not hold all of them.
std::optional<std::size_t> bare_beyond_ascii(std::string_view toml);

} // namespace gradus::scenario
