// SPDX-License-Identifier: Apache-2.0
// What every fuzz target is made of: claims about what a reader gave back, and about how it refuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace gradus::fuzz {

/// Ends the process, which libFuzzer reports together with the input, when a claim does not hold.
inline void claim(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

inline constexpr std::size_t longest_message = 4096;

/// No control characters: U+0000 to U+001F, U+007F, U+0080 to U+009F (C2 80 to C2 9F in UTF-8).
inline bool is_plain(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto byte = static_cast<unsigned char>(line[i]);
        const bool upper = byte == 0xc2 && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) < 0xa0;
        if (byte < ' ' || byte == 0x7f || upper) return false;
    }
    return true;
}

/// A message is for people: one line, not empty, and nothing in it that moves a terminal's cursor.
inline void claim_one_line(std::string_view message) {
    claim(!message.empty(), "an error has a message");
    claim(message.size() <= longest_message, "an error's message is short");
    claim(is_plain(message), "an error's message is one line of text");
}

/// What `read` returns; nothing when it refuses, which it may only do by an `Error` with a message for people.
template <class Error, class Read>
auto read_or_refuse(Read read) -> std::optional<decltype(read())> {
    try {
        return read();
    } catch (const Error& error) {
        claim_one_line(error.what());
        return std::nullopt;
    }
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

} // namespace gradus::fuzz
