// SPDX-License-Identifier: Apache-2.0
#include "platform/text/numbers.h"

#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "platform/text/plain.h"

namespace gradus::text {

namespace {

/// 1,234 or 1'234 or 1 234 or 12,5: digits, and between them what is no digit of ours.
bool is_grouped(std::string_view word) {
    const bool digits_outside =
        !word.empty() && word.front() >= '0' && word.front() <= '9' && word.back() >= '0' && word.back() <= '9';
    return digits_outside && word.find_first_not_of("0123456789.,'_ \xC2\xA0\xE2\x80\xAF") == std::string_view::npos;
}

[[noreturn]] void fail(std::string_view word, std::string_view kind) {
    if (word.empty()) throw NumberError(fmt::format("there is no {}", kind));
    throw NumberError(
        fmt::format("'{}' is no {}{}", shown(word), kind,
                    is_grouped(word) ? ": write it with a decimal point and without separators of thousands" : ""));
}

double parsed(std::string_view word, std::string_view kind) {
    const std::string_view digits = word.substr(0, 1) == "+" ? word.substr(1) : word;
    double value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, value);
    if (error == std::errc::result_out_of_range && rest == end)
        throw NumberError(fmt::format("'{}' is too large or too small a number", shown(word)));
    const bool doubly_signed = word != digits && digits.substr(0, 1) == "-";
    if (error != std::errc{} || rest != end || doubly_signed || !std::isfinite(value)) fail(word, kind);
    return value;
}

} // namespace

double number(std::string_view word) { return parsed(word, "number"); }

std::uint32_t count(std::string_view word) {
    const double value = parsed(word, "whole number");
    constexpr double most = std::numeric_limits<std::uint32_t>::max();
    if (value != std::floor(value) || value < 1 || value > most)
        throw NumberError(fmt::format("'{}' is not a whole number from 1 to {:.0f}", shown(word), most));
    return static_cast<std::uint32_t>(value);
}

} // namespace gradus::text
