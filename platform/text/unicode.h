// SPDX-License-Identifier: Apache-2.0
// UTF-8, character by character (The Unicode Standard, section 3.9).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gradus::text {

struct Character {
    char32_t code = 0;     ///< the byte itself where it begins no character
    std::size_t bytes = 1; ///< that it takes
    bool valid = false;    ///< well-formed: neither cut, nor longer than need be, nor a surrogate
};

/// The first character of a text that is not empty.
Character first_character(std::string_view text);

std::string utf8(char32_t code);

/// U+0000 to U+001F and U+007F to U+009F, which some terminals obey.
constexpr bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

} // namespace gradus::text
