// SPDX-License-Identifier: Apache-2.0
#include "platform/text/lines.h"

#include <algorithm>

namespace gradus::text {

std::string_view without_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool Lines::next() {
    if (rest_.empty()) return false;
    ++number_;
    const std::size_t end = std::min(rest_.find_first_of("\n\r"), rest_.size());
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (rest_.substr(0, 2) == "\r\n")
        rest_.remove_prefix(2);
    else if (!rest_.empty())
        rest_.remove_prefix(1);
    return true;
}

} // namespace gradus::text
