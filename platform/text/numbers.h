// SPDX-License-Identifier: Apache-2.0
// Numbers as people and spreadsheets write them. What could mean two things, such as 1,234, is no number; the message
// says how to write it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gradus::text {

/// What a word is instead: "'1,234' is no number: write it ...".
class NumberError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A finite decimal number, with a sign, a point and an exponent if need be. Throws NumberError.
double number(std::string_view word);
/// A whole number from 1 to 2^32 - 1, also if written as 64.0 or 6.4e1. Throws NumberError.
std::uint32_t count(std::string_view word);

} // namespace gradus::text
