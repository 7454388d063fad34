// SPDX-License-Identifier: Apache-2.0
// Sets of banks of one DRAM channel: one bit each.
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
