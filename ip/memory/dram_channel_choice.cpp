// SPDX-License-Identifier: Apache-2.0
// Which command a DRAM channel issues next.
#include <algorithm>

#include "ip/memory/dram_banks.h"
#include "ip/memory/dram_channel_core.h"

namespace gradus::ip {

namespace {

// Commands that are possible at the same time go in this order, and within it by the age of their request.
constexpr std::uint64_t refresh_order = std::uint64_t{1} << 62;
constexpr std::uint64_t request_order = std::uint64_t{2} << 62;
constexpr std::uint64_t spare_order = std::uint64_t{3} << 62;

} // namespace

bool DramChannelCore::wants_write_mode() const {
    const unsigned reads = queue_[0].size(), writes = queue_[1].size();
    return write_mode_ ? writes > policy_.write_low || reads == 0 : writes > policy_.write_high || reads == 0;
}

void DramChannelCore::choose() {
    write_mode_ = wants_write_mode();
    if (policy_.page_policy == DramPagePolicy::timeout) close_expired(now_);
    chosen_ = true;

    Choice best;
    if (first_ready_) choose_opener(best);
    choose_hit(best);
    const Choice column = best;
    const bool separate = !first_ready_ && organisation_.column_bus;
    if (separate) best = {};
    if (blocked_) choose_refresh(best);
    choose_precharge(best);
    half_open_ ? choose_second_half(best) : choose_activate(best);
    if (separate && (column.at < best.at || (column.at == best.at && column.order < best.order))) best = column;
    choice_ = best;
}

Cycles DramChannelCore::column_time(const Bank& bank, bool write) const {
    return std::max({bank.column[write], column_ready_[write][bank.group], column_bus_, now_});
}

void DramChannelCore::consider(Choice& best, Action action, unsigned bank, bool write, Cycles at, Cycles slots,
                               std::uint64_t order) const {
    const Cycles key = first_ready_ ? at : at + slots;
    if (key > best.key || (key == best.key && order > best.order)) return;
    best = {at, key, order, action, write, bank};
}

void DramChannelCore::choose_opener(Choice& best) const {
    for_each_bank(fresh_ & ~half_open_, [&](unsigned index) {
        const Bank& bank = banks_[index];
        consider(best, Action::column_opener, index, bank.opened_for_write, column_time(bank, bank.opened_for_write),
                 timing_.column_slots, bank.opener.age);
    });
}

void DramChannelCore::choose_hit(Choice& best) const {
    const auto hits = [&](std::uint64_t banks, bool write) {
        for_each_bank(banks, [&](unsigned index) {
            const Cycles at = column_time(banks_[index], write);
            if (at > best.at) return;
            const DramQueue::Entry& entry = queue_[write][queue_[write].oldest_hit(index)];
            consider(best, Action::column, index, write, at, timing_.column_slots, request_order | entry.age);
        });
    };
    const bool write = write_mode_;
    const std::uint64_t current = queue_[write].hits() & ~blocked_ & ~half_open_;
    if (first_ready_) return hits(current & ~fresh_, write);
    hits(current, write);
    // A row that was opened before the direction changed is used once before it is closed.
    hits(fresh_ & ~current & queue_[write].waiting() & ~blocked_ & ~half_open_, !write);
}

// A row with requests waiting for it is closed for an older request only, by bank machines not even then.
bool DramChannelCore::closable(unsigned bank) const {
    const DramQueue& queue = queue_[write_mode_];
    if (!(queue.hits() & bank_bit(bank))) return true;
    return first_ready_ && queue[queue.oldest(bank)].arrival < queue[queue.oldest_hit(bank)].arrival;
}

void DramChannelCore::choose_precharge(Choice& best) const {
    const DramQueue& queue = queue_[write_mode_];
    const Cycles floor = std::max(now_, row_bus_);
    if (floor > best.at) return;
    for_each_bank(queue.waiting() & open_ & ~fresh_ & ~blocked_, [&](unsigned index) {
        const Cycles at = std::max(floor, banks_[index].precharge);
        if (at > best.key || !closable(index)) return;
        consider(best, Action::precharge, index, write_mode_, at, timing_.precharge_slots,
                 request_order | queue[queue.oldest(index)].age);
    });
}

void DramChannelCore::choose_activate(Choice& best) const {
    const DramQueue& queue = queue_[write_mode_];
    for (const PseudoChannel& pseudo : pseudos_) {
        const Cycles floor = std::max({now_, row_bus_, pseudo.activate, pseudo.four_activates[pseudo.oldest_activate]});
        if (floor > best.key) continue;
        for_each_bank(queue.waiting() & pseudo.banks & ~open_ & ~blocked_, [&](unsigned index) {
            const Bank& bank = banks_[index];
            const Cycles at = std::max({floor, bank.activate, activate_ready_[bank.group]});
            if (at > best.key) return;
            consider(best, Action::activate, index, write_mode_, at, timing_.act_slots,
                     request_order | queue[queue.oldest(index)].age);
        });
    }
}

// In a slot that nothing else wants, unless it is the last one left.
void DramChannelCore::choose_second_half(Choice& best) const {
    for_each_bank(half_open_, [&](unsigned index) {
        const Cycles at = std::max(now_, row_bus_);
        const std::uint64_t order = at >= second_half_by_ ? 0 : spare_order;
        consider(best, Action::second_half, index, false, at, timing_.act_slots, order);
    });
}

void DramChannelCore::choose_refresh(Choice& best) const {
    for (unsigned number = 0; number < pseudos_.size(); ++number) {
        const PseudoChannel& pseudo = pseudos_[number];
        if (!pseudo.refreshing || (pseudo.refreshing & (fresh_ | half_open_))) continue;
        const std::uint64_t open = pseudo.refreshing & open_;
        Cycles at = std::max(now_, row_bus_);
        if (open) {
            for_each_bank(open, [&](unsigned index) { at = std::max(at, banks_[index].precharge); });
            consider(best, Action::refresh_precharge, number, false, at, timing_.precharge_slots, refresh_order);
            continue;
        }
        // REF instead of ACT: with fewer slots of its own it may come later.
        const Cycles later =
            timing_.act_slots > timing_.precharge_slots ? timing_.act_slots - timing_.precharge_slots : 0;
        for_each_bank(pseudo.refreshing, [&](unsigned index) { at = std::max(at, banks_[index].activate + later); });
        if (policy_.refresh != DramRefresh::all_bank) at = std::max(at, pseudo.activate + later);
        consider(best, Action::refresh, number, false, at, timing_.precharge_slots, refresh_order);
    }
}

} // namespace gradus::ip
