// SPDX-License-Identifier: Apache-2.0
//
// bfloat16: the upper 16 bits of an IEEE-754 binary32 number (1 sign, 8
// exponent, 7 mantissa bits).
//
// Narrowing rounds to nearest, ties to even. Infinities and signed zeros are
// kept, a finite number beyond the largest bfloat16 becomes an infinity, and a
// NaN stays a NaN: its quiet bit is set so that dropping the low mantissa bits
// can never turn it into an infinity. Subnormals are kept, not flushed.

#pragma once

#include <cstdint>
#include <cstring>

namespace gradus::ip {

[[nodiscard]] inline std::uint16_t to_bf16(float value) noexcept {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    if ((bits & 0x7FFF'FFFFU) > 0x7F80'0000U) {
        return static_cast<std::uint16_t>((bits >> 16U) | 0x0040U);
    }
    const std::uint32_t lowest_kept_bit = (bits >> 16U) & 1U;
    return static_cast<std::uint16_t>((bits + 0x7FFFU + lowest_kept_bit) >> 16U);
}

[[nodiscard]] inline float from_bf16(std::uint16_t value) noexcept {
    const std::uint32_t bits = static_cast<std::uint32_t>(value) << 16U;
    float widened = 0.0F;
    std::memcpy(&widened, &bits, sizeof widened);
    return widened;
}

} // namespace gradus::ip
