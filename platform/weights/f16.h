// SPDX-License-Identifier: Apache-2.0
// IEEE-754 binary16, which files hold and the chip does not: 1 sign, 5 exponent, 10 mantissa bits.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace gradus::weights {

/// Every binary16 is a binary32.
inline float from_f16(std::uint16_t bits) {
    const int exponent = bits >> 10 & 0x1f, mantissa = bits & 0x3ff;
    float value = 0;
    if (exponent == 0x1f)
        value = mantissa != 0 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
    else if (exponent == 0)
        value = std::ldexp(static_cast<float>(mantissa), -24);
    else
        value = std::ldexp(static_cast<float>(mantissa + 0x400), exponent - 25);
    return (bits & 0x8000) != 0 ? -value : value;
}

} // namespace gradus::weights
