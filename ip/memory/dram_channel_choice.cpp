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

void DramChannelCore::forget_choices() {
    column_.forget();
    precharge_.forget();
    activate_.forget();
}

// Data commands and row commands compete for one command bus, or each have their own.
void DramChannelCore::choose() {
    if (const bool write = wants_write_mode(); write != write_mode_) {
        write_mode_ = write;
        forget_choices();
    }
    if (policy_.page_policy == DramPagePolicy::timeout) note_expiry();
    choose_column();
    const Choice& column = column_.choice;
    const bool apart = !first_ready_ && organisation_.column_bus;
    choice_ = apart ? Choice{} : column;
    if (blocked_) choose_refresh(choice_);
    choose_precharge(choice_);
    if (precharge_.known && precharge_.choice.before(choice_)) choice_ = precharge_.choice;
    if (half_open_) {
        choose_second_half(choice_);
    } else {
        choose_activate(choice_);
        if (activate_.known && activate_.choice.before(choice_)) choice_ = activate_.choice;
    }
    if (apart && (column.at < choice_.at || (column.at == choice_.at && column.order < choice_.order)))
        choice_ = column;
    chosen_ = true;
}

Cycles DramChannelCore::column_time(const Bank& bank, bool write) const {
    return std::max({bank.column[write], column_ready_[write][bank.group], column_bus_, now_});
}

void DramChannelCore::consider(Choice& best, Action action, unsigned bank, bool write, Cycles at, Cycles slots,
                               std::uint64_t order) const {
    const Choice choice{at, key(at, slots), order, action, write, bank};
    if (choice.before(best)) best = choice;
}

void DramChannelCore::choose_column() {
    if (column_.holds(now_)) return;
    column_ = {{}, true};
    if (first_ready_) consider_openers(column_.choice);
    consider_hits(column_.choice);
}

void DramChannelCore::consider_openers(Choice& best) const {
    for_each_bank(fresh_ & ~half_open_, [&](unsigned index) {
        const Bank& bank = banks_[index];
        consider(best, Action::column_opener, index, bank.opened_for_write, column_time(bank, bank.opened_for_write),
                 timing_.column_slots, bank.opener.age);
    });
}

void DramChannelCore::consider_hits(Choice& best) const {
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

// What cannot come before `limit` is not looked for.
void DramChannelCore::choose_precharge(const Choice& limit) {
    if (precharge_.holds(now_)) return;
    precharge_.forget();
    const Cycles floor = std::max(now_, row_bus_);
    if (key(floor, timing_.precharge_slots) > limit.key) return;
    precharge_ = {{}, true};
    const DramQueue& queue = queue_[write_mode_];
    const std::uint64_t expiring = policy_.page_policy == DramPagePolicy::timeout ? unused_rows() : 0;
    for_each_bank(queue.waiting() & open_ & ~fresh_ & ~blocked_, [&](unsigned index) {
        const Cycles at = std::max(floor, banks_[index].precharge);
        if (at > precharge_.choice.at || !closable(index)) return;
        if ((expiring & bank_bit(index)) && banks_[index].expires <= at) return;
        consider(precharge_.choice, Action::precharge, index, write_mode_, at, timing_.precharge_slots,
                 request_order | queue[queue.oldest(index)].age);
    });
}

Cycles DramChannelCore::activate_floor(const PseudoChannel& pseudo) const {
    return std::max({now_, row_bus_, pseudo.activate, pseudo.four_activates[pseudo.oldest_activate]});
}

void DramChannelCore::choose_activate(const Choice& limit) {
    if (activate_.holds(now_)) return;
    activate_.forget();
    Cycles first = never;
    for (const PseudoChannel& pseudo : pseudos_)
        first = std::min(first, activate_floor(pseudo));
    if (key(first, timing_.act_slots) > limit.key) return;
    activate_ = {{}, true};
    const DramQueue& queue = queue_[write_mode_];
    for (const PseudoChannel& pseudo : pseudos_) {
        const Cycles floor = activate_floor(pseudo);
        for_each_bank(queue.waiting() & pseudo.banks & ~open_ & ~blocked_, [&](unsigned index) {
            const Bank& bank = banks_[index];
            const Cycles at = std::max({floor, bank.activate, activate_ready_[bank.group]});
            if (at > activate_.choice.at) return;
            consider(activate_.choice, Action::activate, index, write_mode_, at, timing_.act_slots,
                     request_order | queue[queue.oldest(index)].age);
        });
    }
}

// In a slot that nothing else wants, unless another command would take the last one in time.
void DramChannelCore::choose_second_half(Choice& best) const {
    for_each_bank(half_open_, [&](unsigned index) {
        const Cycles at = std::max(now_, row_bus_);
        const bool stopped = at >= pseudos_[banks_[index].pseudo].clock_until;
        const Cycles longest =
            std::max(timing_.column_slots + (stopped ? timing_.sync_slots : 0), timing_.precharge_slots);
        if (at + longest > second_half_by_)
            best = {at, at, 0, Action::second_half, false, index};
        else
            consider(best, Action::second_half, index, false, at, timing_.act_slots, spare_order);
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
