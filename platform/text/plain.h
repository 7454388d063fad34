// SPDX-License-Identifier: Apache-2.0
// Text from outside, fit for a terminal: the one place that says what may be printed as it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gradus::text {

/// `text` as one line: control characters (U+0000 to U+001F, U+007F to U+009F) and broken UTF-8 become "?", and what is
/// longer than `width` characters ends in "…".
std::string plain(std::string_view text, std::size_t width);

/// What somebody wrote, fit for a message.
std::string shown(std::string_view text, std::size_t longest = 80);

} // namespace gradus::text
