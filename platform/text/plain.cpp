// SPDX-License-Identifier: Apache-2.0
#include "platform/text/plain.h"

#include "platform/text/unicode.h"

namespace gradus::text {

std::string plain(std::string_view text, std::size_t width) {
    std::string line;
    std::size_t count = 0;
    std::size_t keep = 0; // bytes of the line that leave a column for the ellipsis
    while (!text.empty()) {
        const Character character = first_character(text);
        if (count + 1 == width) keep = line.size();
        if (count == width) return width ? line.substr(0, keep) + "…" : "";
        if (character.valid && !is_control(character.code))
            line += text.substr(0, character.bytes);
        else
            line += '?';
        ++count;
        text.remove_prefix(character.bytes);
    }
    return line;
}

std::string shown(std::string_view text, std::size_t longest) { return plain(text, longest); }

} // namespace gradus::text
