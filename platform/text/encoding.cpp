// SPDX-License-Identifier: Apache-2.0
#include "platform/text/encoding.h"

namespace gradus::text {

std::string_view without_mark(std::string_view text) {
    using namespace std::string_view_literals;
    const auto begins_with = [&](std::string_view mark) { return text.substr(0, mark.size()) == mark; };
    if (begins_with("\xEF\xBB\xBF"sv)) return text.substr(3);
    if (begins_with("\0\0\xFE\xFF"sv) || begins_with("\xFF\xFE\0\0"sv))
        throw EncodingError("is in UTF-32; save it as UTF-8");
    if (begins_with("\xFF\xFE"sv) || begins_with("\xFE\xFF"sv)) throw EncodingError("is in UTF-16; save it as UTF-8");
    return text;
}

} // namespace gradus::text
