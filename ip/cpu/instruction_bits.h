// SPDX-License-Identifier: Apache-2.0
// Fields of an instruction word.
#pragma once

#include <cstdint>

namespace gradus::ip {

constexpr std::uint32_t field(std::uint32_t bits, unsigned low, unsigned width) {
    return bits >> low & ((1u << width) - 1);
}

constexpr std::int32_t sign_extend(std::uint32_t value, unsigned width) {
    return static_cast<std::int32_t>(value << (32 - width)) >> (32 - width);
}

} // namespace gradus::ip
