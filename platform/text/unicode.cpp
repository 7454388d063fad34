// SPDX-License-Identifier: Apache-2.0
#include "platform/text/unicode.h"

namespace gradus::text {

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return char32_t{static_cast<unsigned char>(text[i])}; };
    const char32_t lead = byte(0);
    const Character broken{lead, 1, false};
    if (lead < 0x80) return {lead, 1, true};
    if (lead < 0xc2 || lead > 0xf4) return broken;
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length > text.size()) return broken;
    char32_t code = lead & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return broken;
        code = code << 6 | (byte(i) & 0x3f);
    }
    const char32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    if (code < least || code > 0x10ffff || surrogate) return broken;
    return {code, length, true};
}

std::string utf8(char32_t code) {
    if (code < 0x80) return {static_cast<char>(code)};
    std::string text;
    unsigned shift = code < 0x800 ? 6 : code < 0x10000 ? 12 : 18;
    const char32_t lead = shift == 6 ? 0xc0 : shift == 12 ? 0xe0 : 0xf0;
    text += static_cast<char>(lead | code >> shift);
    while (shift != 0) {
        shift -= 6;
        text += static_cast<char>(0x80 | (code >> shift & 0x3f));
    }
    return text;
}

} // namespace gradus::text
