// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/toml_nesting.h"

#include <algorithm>

namespace gradus::scenario {

namespace {

/// The first character behind the string whose opening quote stands at `begin`.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
    const char quote = text[begin];
    const bool lines = text.size() - begin >= 3 && text[begin + 1] == quote && text[begin + 2] == quote;
    const std::size_t closing = lines ? 3 : 1; // quotes in a row that close it
    std::size_t quotes = 0;
    for (std::size_t at = begin + closing; at < text.size(); ++at) {
        if (text[at] == '\n' && !lines) return at;
        const bool escape = text[at] == '\\' && quote == '"';
        if (escape) ++at;
        quotes = !escape && text[at] == quote ? quotes + 1 : 0;
        if (quotes < closing) continue;
        // Up to two more quotes belong to the text of a string of several lines.
        for (std::size_t more = 0; lines && more < 2 && at + 1 < text.size() && text[at + 1] == quote; ++more)
            ++at;
        return at + 1;
    }
    return text.size();
}

/// Calls `see(at)` for each character that stands in no string and no comment, until it returns true: that place.
template <class See>
std::optional<std::size_t> find_bare(std::string_view toml, See see) {
    for (std::size_t at = 0; at < toml.size();) {
        switch (toml[at]) {
        case '#':
            at = std::min(toml.find('\n', at), toml.size());
            break;
        case '"':
        case '\'':
            at = end_of_string(toml, at);
            break;
        default:
            if (see(at)) return at;
            ++at;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<std::size_t> nested_beyond(std::string_view toml, std::size_t most) {
    std::size_t depth = 0;
    return find_bare(toml, [&](std::size_t at) {
        const char character = toml[at];
        if (character == '[' || character == '{') return depth++ == most;
        if ((character == ']' || character == '}') && depth > 0) --depth;
        return false;
    });
}

std::optional<std::size_t> bare_beyond_ascii(std::string_view toml) {
    return find_bare(toml, [&](std::size_t at) { return (static_cast<unsigned char>(toml[at]) & 0x80) != 0; });
}

} // namespace gradus::scenario
