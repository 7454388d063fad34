// SPDX-License-Identifier: Apache-2.0
// The requests of one direction that a DRAM channel's controller holds, by bank and in the order of their age.
#pragma once

#include <cstdint>
#include <vector>

#include "ip/common/units.h"

namespace gradus::ip {

class DramQueue {
public:
    using Index = std::int32_t;
    static constexpr Index none = -1;
    static constexpr std::uint32_t no_row = ~std::uint32_t{0};

    struct Entry {
        std::uint64_t age = 0;
        Cycles arrival = 0; ///< when it was accepted
        std::uint32_t row = 0;
        std::uint32_t column = 0;
        std::uint32_t owner = 0;
        Index previous = none;
        Index next = none;
    };

    DramQueue(unsigned entries, unsigned banks);

    bool full() const { return free_ == none; }
    unsigned size() const { return size_; }
    std::uint64_t waiting() const { return waiting_; } ///< banks with requests, one bit each
    std::uint64_t hits() const { return hits_; }       ///< banks with requests for their open row

    Index oldest(unsigned bank) const { return banks_[bank].first; }
    Index oldest_hit(unsigned bank) const { return banks_[bank].hit; }
    const Entry& operator[](Index index) const { return entries_[static_cast<std::size_t>(index)]; }
    bool holds(unsigned bank, std::uint32_t row, std::uint32_t column) const;

    void push(unsigned bank, const Entry& entry);
    Entry remove(unsigned bank, Index index);
    /// The bank's open row is `row` from now on; no_row: none is open.
    void open(unsigned bank, std::uint32_t row);

private:
    struct Bank {
        Index first = none;
        Index last = none;
        Index hit = none;
        std::uint32_t row = no_row;
    };

    Entry& at(Index index) { return entries_[static_cast<std::size_t>(index)]; }
    void set_hit(unsigned bank, Index from);

    std::vector<Entry> entries_;
    std::vector<Bank> banks_;
    Index free_ = 0;
    unsigned size_ = 0;
    std::uint64_t waiting_ = 0;
    std::uint64_t hits_ = 0;
};

} // namespace gradus::ip
