// SPDX-License-Identifier: Apache-2.0
// DramQueue: the requests of one direction (reads or writes) that the controller of a DRAM channel holds. The queue
// keeps a list for each bank, ordered by age. For each bank it also knows the oldest request that hits the bank's open
// row, so that the scheduler never searches.
//
// Example: bank 2 has row 7 open. Requests for rows 9, 7 and 7 are pushed in this order. oldest(2) is then the request
// for row 9, and oldest_hit(2) is the first request for row 7. Bit 2 is set in waiting(), hits() and overtaking().
#pragma once

#include <cstdint>
#include <vector>

#include "ip/common/units.h"
#include "ip/memory/dram_banks.h"

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
    // Each of these returns a set of banks, one bit a bank.
    std::uint64_t waiting() const { return waiting_; }       ///< banks with requests
    std::uint64_t hits() const { return hits_; }             ///< banks with requests for their open row
    std::uint64_t overtaking() const { return overtaking_; } ///< banks with hits whose oldest request is no hit
    /// Returns the banks whose oldest hit has changed since the last call.
    std::uint64_t take_changed() {
        const std::uint64_t changed = changed_;
        changed_ = 0;
        return changed;
    }

    Index oldest(unsigned bank) const { return banks_[bank].first; }
    Index oldest_hit(unsigned bank) const { return banks_[bank].hit; }
    const Entry& operator[](Index index) const { return entries_[static_cast<std::size_t>(index)]; }
    bool holds(unsigned bank, std::uint32_t row, std::uint32_t column) const;

    void push(unsigned bank, const Entry& entry);
    void remove(unsigned bank, Index index);
    /// To be called when the bank's open row becomes `row`; no_row means that no row is open.
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
    std::uint64_t overtaking_ = 0;
    std::uint64_t changed_ = 0;
};

inline bool DramQueue::holds(unsigned bank, std::uint32_t row, std::uint32_t column) const {
    for (Index i = banks_[bank].first; i != none; i = (*this)[i].next)
        if ((*this)[i].row == row && (*this)[i].column == column) return true;
    return false;
}

inline void DramQueue::push(unsigned bank, const Entry& entry) {
    const Index index = free_;
    free_ = at(index).next;
    Bank& list = banks_[bank];
    at(index) = entry;
    at(index).next = none;
    at(index).previous = list.last;
    if (list.last == none)
        list.first = index;
    else
        at(list.last).next = index;
    list.last = index;
    ++size_;
    waiting_ |= bank_bit(bank);
    if (list.hit == none && entry.row == list.row) set_hit(bank, index);
}

inline void DramQueue::remove(unsigned bank, Index index) {
    Bank& list = banks_[bank];
    const Entry& entry = at(index);
    (entry.previous == none ? list.first : at(entry.previous).next) = entry.next;
    (entry.next == none ? list.last : at(entry.next).previous) = entry.previous;
    if (list.first == none) waiting_ &= ~bank_bit(bank);
    set_hit(bank, list.hit == index ? entry.next : list.hit);
    --size_;
    at(index).next = free_;
    free_ = index;
}

inline void DramQueue::open(unsigned bank, std::uint32_t row) {
    banks_[bank].row = row;
    set_hit(bank, row == no_row ? none : banks_[bank].first);
}

inline void DramQueue::set_hit(unsigned bank, Index from) {
    Bank& list = banks_[bank];
    while (from != none && at(from).row != list.row)
        from = at(from).next;
    list.hit = from;
    const std::uint64_t bit = bank_bit(bank);
    changed_ |= bit;
    hits_ = from == none ? hits_ & ~bit : hits_ | bit;
    overtaking_ = from == none || from == list.first ? overtaking_ & ~bit : overtaking_ | bit;
}

} // namespace gradus::ip
