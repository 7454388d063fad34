// SPDX-License-Identifier: Apache-2.0
// Sets of banks of one DRAM channel. A set is a 64-bit number: bit i stands for bank i.
//
// Example: the set of banks 0 and 3 is bank_bit(0) | bank_bit(3) = 9. for_each_bank(9, action) calls action(0), then
// action(3).
#pragma once

#include <cstdint>

namespace gradus::ip {

constexpr std::uint64_t bank_bit(unsigned bank) { return std::uint64_t{1} << bank; }

template <class Action>
void for_each_bank(std::uint64_t banks, Action&& action) {
    for (; banks; banks &= banks - 1)
        action(static_cast<unsigned>(__builtin_ctzll(banks)));
}

} // namespace gradus::ip
