// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/dram_queue.h"

namespace gradus::ip {

namespace {

std::uint64_t bit(unsigned bank) { return std::uint64_t{1} << bank; }

} // namespace

DramQueue::DramQueue(unsigned entries, unsigned banks) : entries_(entries), banks_(banks) {
    for (unsigned i = 0; i + 1 < entries; ++i)
        entries_[i].next = static_cast<Index>(i + 1);
}

bool DramQueue::holds(unsigned bank, std::uint32_t row, std::uint32_t column) const {
    for (Index i = banks_[bank].first; i != none; i = (*this)[i].next)
        if ((*this)[i].row == row && (*this)[i].column == column) return true;
    return false;
}

void DramQueue::push(unsigned bank, const Entry& entry) {
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
    waiting_ |= bit(bank);
    if (list.hit == none && entry.row == list.row) set_hit(bank, index);
}

DramQueue::Entry DramQueue::remove(unsigned bank, Index index) {
    Bank& list = banks_[bank];
    const Entry entry = at(index);
    (entry.previous == none ? list.first : at(entry.previous).next) = entry.next;
    (entry.next == none ? list.last : at(entry.next).previous) = entry.previous;
    if (list.hit == index) set_hit(bank, entry.next);
    if (list.first == none) waiting_ &= ~bit(bank);
    --size_;
    at(index).next = free_;
    free_ = index;
    return entry;
}

void DramQueue::open(unsigned bank, std::uint32_t row) {
    banks_[bank].row = row;
    set_hit(bank, row == no_row ? none : banks_[bank].first);
}

void DramQueue::set_hit(unsigned bank, Index from) {
    Bank& list = banks_[bank];
    while (from != none && at(from).row != list.row)
        from = at(from).next;
    list.hit = from;
    if (from == none)
        hits_ &= ~bit(bank);
    else
        hits_ |= bit(bank);
}

} // namespace gradus::ip
