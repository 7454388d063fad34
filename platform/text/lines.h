// SPDX-License-Identifier: Apache-2.0
// The lines of a text. They end with a line feed, a carriage return, or both, in this order.
#pragma once

#include <cstddef>
#include <string_view>

namespace gradus::text {

inline constexpr std::string_view blanks = " \t\r\f\v";

std::string_view without_blanks(std::string_view text);

/// Of a text that outlives it.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}

    /// To the next line; false behind the last.
    bool next();
    std::string_view line() const { return line_; } ///< without its end
    std::size_t number() const { return number_; }  ///< from 1

private:
    std::string_view rest_;
    std::string_view line_;
    std::size_t number_ = 0;
};

} // namespace gradus::text
