// SPDX-License-Identifier: Apache-2.0
// What a text that somebody brings may begin with before its first character.
#pragma once

#include <stdexcept>
#include <string_view>

namespace gradus::text {

/// A text that is not in UTF-8 or an 8-bit set. Its message is to be read after the name of the file and ": ".
class EncodingError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The text behind the byte-order mark of UTF-8, if it has one (The Unicode Standard, section 23.8). Throws
/// EncodingError for a text with a mark of UTF-16 or UTF-32. The first four bytes of a text are enough.
std::string_view without_mark(std::string_view text);

} // namespace gradus::text
