// SPDX-License-Identifier: Apache-2.0
// An address range, half open.
#pragma once

#include <cstdint>

namespace gradus::ip {

struct AddressRange {
    std::uint64_t base = 0;
    std::uint64_t bytes = 0;

    constexpr bool contains(std::uint64_t address, std::uint64_t length = 1) const {
        return address >= base && length <= bytes && address - base <= bytes - length;
    }
    constexpr std::uint64_t end() const { return base + bytes; }
};

} // namespace gradus::ip
