// SPDX-License-Identifier: Apache-2.0
#include "platform/text/plain.h"

#include <algorithm>

namespace gradus::text {

namespace {

// Length of the well-formed UTF-8 sequence at the start of `text`; 0: there is none.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    return length;
}

bool is_control(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence[0]);
    // U+0080 to U+009F are controls, too, and some terminals obey them.
    const bool upper = sequence.size() == 2 && first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;
    return first < 0x20 || first == 0x7f || upper;
}

} // namespace

std::string plain(std::string_view text, std::size_t width) {
    std::string line;
    std::size_t count = 0;
    std::size_t keep = 0; // bytes of the line that leave a column for the ellipsis
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        const std::string_view sequence = text.substr(0, length);
        if (count + 1 == width) keep = line.size();
        if (count == width) return width ? line.substr(0, keep) + "…" : "";
        if (length && !is_control(sequence))
            line += sequence;
        else
            line += '?';
        ++count;
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return line;
}

std::string shown(std::string_view text, std::size_t longest) { return plain(text, longest); }

} // namespace gradus::text
