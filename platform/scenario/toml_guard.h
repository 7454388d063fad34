// SPDX-License-Identifier: Apache-2.0
// What toml++ 3.3 must not be given. It calls itself for every list and inline table in another. Wherever a blank may
// stand it looks characters beyond ASCII up in a table of blanks that does not hold all of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace gradus::scenario {

/// Lists and inline tables may stand that deep in each other.
inline constexpr std::size_t most_nesting = 8;

struct TomlHazard {
    std::size_t at = 0;    ///< in the text
    std::string_view what; ///< for people, to be read after the place
};

/// The first of
///   a list or inline table in most_nesting others
///   a character beyond ASCII outside of strings and comments, where TOML 1.0 has no place for it
///   one behind a backslash in a string of several lines, with nothing but blanks and ends of lines between them
/// or nothing. A parser that refuses the text for another reason does not get beyond that place.
std::optional<TomlHazard> toml_hazard(std::string_view toml);

} // namespace gradus::scenario
