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

void DramChannelCore::turn() {
    const bool write = wants_write_mode();
    if (write == write_mode_) return;
    write_mode_ = write;
    grouped_ = 0;
    forget_choices();
}

// Data commands and row commands compete for one command bus, or each have their own.
void DramChannelCore::choose() {
    turn();
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
    const Cycles ready = std::max(groups_[bank.group].column[write], pseudos_[bank.pseudo].column[write]);
    return std::max(std::max(bank.column[write], ready), std::max(column_bus_, now_));
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
    Cycles first = never, age = never;
    unsigned opened = 0;
    for_each_bank(fresh_ & ~half_open_, [&](unsigned index) {
        const Bank& bank = banks_[index];
        const Cycles at = column_time(bank, bank.opened_for_write);
        if (at > first || (at == first && bank.opener.age > age)) return;
        first = at;
        age = bank.opener.age;
        opened = index;
    });
    if (first == never) return;
    consider(best, Action::column_opener, opened, banks_[opened].opened_for_write, first, timing_.column_slots, age);
}

// A row was opened: the best of all is then the best of that and its first use.
void DramChannelCore::offer_opened(unsigned index) {
    if (!first_ready_) return column_.forget();
    const Bank& bank = banks_[index];
    consider(column_.choice, Action::column_opener, index, bank.opened_for_write,
             column_time(bank, bank.opened_for_write), timing_.column_slots, bank.opener.age);
}

// Of each group, the first hit is remembered.
void DramChannelCore::consider_hits(Choice& best) {
    const bool write = write_mode_;
    std::uint64_t hits = queue_[write].hits() & ~blocked_ & ~half_open_;
    if (first_ready_) hits &= ~fresh_;
    const std::uint64_t changed = queue_[write].take_changed() | (hits ^ grouped_);
    grouped_ = hits;
    const Cycles floor = std::max(column_bus_, now_);
    Cycles first = never, age = never;
    unsigned bank = 0;
    for (std::uint64_t rest = hits; rest;) {
        Group& group = groups_[banks_[static_cast<unsigned>(__builtin_ctzll(rest))].group];
        rest &= ~group.banks;
        const Cycles earliest = std::max(floor, std::max(group.column[write], pseudos_[group.pseudo].column[write]));
        if ((changed & group.banks) || earliest >= group.overtaken_at) find_first_hit(group, hits, earliest);
        const Cycles at = std::max(earliest, group.first_hit_ready);
        if (at > first || (at == first && group.first_hit_age > age)) continue;
        first = at;
        age = group.first_hit_age;
        bank = group.first_hit;
    }
    if (hits) consider(best, Action::column, bank, write, first, timing_.column_slots, request_order | age);
    if (!first_ready_) consider_opened_before_turn(best);
}

void DramChannelCore::find_first_hit(Group& group, std::uint64_t hits, Cycles earliest) const {
    const DramQueue& queue = queue_[write_mode_];
    Cycles first = never;
    std::uint64_t ready_later = 0;
    group.first_hit_age = never;
    for_each_bank(hits & group.banks, [&](unsigned bank) {
        const Cycles ready = banks_[bank].column[write_mode_], at = std::max(earliest, ready);
        if (ready > earliest) ready_later |= bank_bit(bank);
        if (at > first) return;
        const std::uint64_t age = queue[queue.oldest_hit(bank)].age;
        if (at == first && age > group.first_hit_age) return;
        first = at;
        group.first_hit = bank;
        group.first_hit_ready = ready;
        group.first_hit_age = age;
    });
    group.overtaken_at = never;
    for_each_bank(ready_later, [&](unsigned bank) {
        if (queue[queue.oldest_hit(bank)].age < group.first_hit_age)
            group.overtaken_at = std::min(group.overtaken_at, banks_[bank].column[write_mode_]);
    });
}

// A row that bank machines opened before the direction changed is used once before it is closed.
void DramChannelCore::consider_opened_before_turn(Choice& best) const {
    const bool write = write_mode_;
    const std::uint64_t banks = fresh_ & ~queue_[write].hits() & queue_[write].waiting() & ~blocked_ & ~half_open_;
    for_each_bank(banks, [&](unsigned index) {
        const DramQueue::Entry& entry = queue_[!write][queue_[!write].oldest_hit(index)];
        consider(best, Action::column, index, !write, column_time(banks_[index], !write), timing_.column_slots,
                 request_order | entry.age);
    });
}

// Rows with requests waiting for them are closed for older requests only, by bank machines not even then.
std::uint64_t DramChannelCore::closable_banks() const {
    const DramQueue& queue = queue_[write_mode_];
    const std::uint64_t banks = queue.waiting() & open_ & ~fresh_ & ~blocked_;
    return first_ready_ ? banks & (~queue.hits() | queue.overtaking()) : banks & ~queue.hits();
}

void DramChannelCore::consider_precharge(Choice& best, unsigned index) const {
    const DramQueue& queue = queue_[write_mode_];
    const Bank& bank = banks_[index];
    const Cycles at = std::max(std::max(now_, row_bus_), bank.precharge);
    if (at > best.at) return;
    const DramQueue::Entry& oldest = queue[queue.oldest(index)];
    if ((queue.hits() & bank_bit(index)) && oldest.arrival >= queue[queue.oldest_hit(index)].arrival) return;
    if (policy_.page_policy == DramPagePolicy::timeout && bank.expires <= at && (unused_rows() & bank_bit(index)))
        return; // it closes by itself
    consider(best, Action::precharge, index, write_mode_, at, timing_.precharge_slots, request_order | oldest.age);
}

// The bank may have become closable: the best of all is then the best of that and this.
void DramChannelCore::offer_precharge(unsigned bank) {
    if (precharge_.known && (closable_banks() & bank_bit(bank))) consider_precharge(precharge_.choice, bank);
}

// What cannot come before `limit` is not looked for.
void DramChannelCore::choose_precharge(const Choice& limit) {
    if (precharge_.holds(now_)) return;
    precharge_.forget();
    const std::uint64_t banks = closable_banks();
    if (banks && key(std::max(now_, row_bus_), timing_.precharge_slots) > limit.key) return;
    precharge_ = {{}, true};
    for_each_bank(banks, [&](unsigned bank) { consider_precharge(precharge_.choice, bank); });
}

Cycles DramChannelCore::activate_floor(const PseudoChannel& pseudo) const {
    return std::max(std::max(now_, row_bus_), std::max(pseudo.activate, pseudo.four_activates[pseudo.oldest_activate]));
}

std::uint64_t DramChannelCore::activatable_banks() const { return queue_[write_mode_].waiting() & ~open_ & ~blocked_; }

void DramChannelCore::consider_activate(Choice& best, unsigned index, Cycles floor) const {
    const DramQueue& queue = queue_[write_mode_];
    const Bank& bank = banks_[index];
    const Cycles at = std::max(floor, std::max(bank.activate, groups_[bank.group].activate));
    if (at > best.at) return;
    consider(best, Action::activate, index, write_mode_, at, timing_.act_slots,
             request_order | queue[queue.oldest(index)].age);
}

void DramChannelCore::offer_activate(unsigned bank) {
    if (activate_.known && (activatable_banks() & bank_bit(bank)))
        consider_activate(activate_.choice, bank, activate_floor(pseudos_[banks_[bank].pseudo]));
}

void DramChannelCore::choose_activate(const Choice& limit) {
    if (activate_.holds(now_)) return;
    activate_.forget();
    const std::uint64_t banks = activatable_banks();
    Cycles first = never;
    for (const PseudoChannel& pseudo : pseudos_)
        if (banks & pseudo.banks) first = std::min(first, activate_floor(pseudo));
    if (banks && key(first, timing_.act_slots) > limit.key) return;
    activate_ = {{}, true};
    for (const PseudoChannel& pseudo : pseudos_) {
        const Cycles floor = activate_floor(pseudo);
        for_each_bank(banks & pseudo.banks, [&](unsigned bank) { consider_activate(activate_.choice, bank, floor); });
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
