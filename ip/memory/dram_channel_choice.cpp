// SPDX-License-Identifier: Apache-2.0
// Which command a DRAM channel issues next.
#include <algorithm>

#include "ip/memory/dram_banks.h"
#include "ip/memory/dram_channel_core.h"

namespace gradus::ip {

void DramChannelCore::forget_choices() {
    column_.forget();
    precharge_.forget();
    activate_.forget();
}

void DramChannelCore::turn() {
    write_mode_ = !write_mode_;
    // No hit of the other direction counts any more.
    for (Group& group : groups_)
        group.first_hit_age = group.first_hit_ready = group.overtaken_at = never;
    grouped_ = 0;
    forget_choices();
}

// What cannot come before the choice so far is not looked for.
inline bool DramChannelCore::may_beat(Best& best, Cycles slots) const {
    best.not_before(std::max(now_, row_bus_));
    return !best.known && key(best.earliest, slots) <= choice_.key;
}

// Data commands and row commands compete for one command bus, or each have their own.
void DramChannelCore::choose() {
    if (wants_write_mode() != write_mode_) turn();
    if (policy_.page_policy == DramPagePolicy::timeout) note_expiry();
    if (!column_.holds(now_)) choose_column();
    const Choice& column = column_.choice;
    const bool apart = !first_ready_ && organisation_.column_bus;
    choice_ = apart ? Choice{} : column;
    if (blocked_) choose_refresh(choice_);
    if (may_beat(precharge_, timing_.precharge_slots)) choose_precharge();
    if (precharge_.known && precharge_.choice.before(choice_)) choice_ = precharge_.choice;
    if (half_open_) {
        choose_second_half(choice_);
    } else {
        if (may_beat(activate_, timing_.act_slots)) choose_activate();
        if (activate_.known && activate_.choice.before(choice_)) choice_ = activate_.choice;
    }
    if (apart && (column.at < choice_.at || (column.at == choice_.at && column.order < choice_.order)))
        choice_ = column;
    chosen_ = true;
}

// Rows with requests waiting for them are closed for older requests only, by bank machines not even then.
std::uint64_t DramChannelCore::closable_banks() const {
    const DramQueue& queue = queue_[write_mode_];
    const std::uint64_t banks = queue.waiting() & open_ & ~fresh_ & ~blocked_;
    return first_ready_ ? banks & (~queue.hits() | queue.overtaking()) : banks & ~queue.hits();
}

// Of `banks`, the one to close first.
void DramChannelCore::consider_precharges(Choice& best, std::uint64_t banks) const {
    const DramQueue& queue = queue_[write_mode_];
    const Cycles floor = std::max(now_, row_bus_);
    const bool expiring = policy_.page_policy == DramPagePolicy::timeout;
    Cycles first = best.at, age = never;
    unsigned chosen = none;
    for_each_bank(banks, [&](unsigned index) {
        const Bank& bank = banks_[index];
        const Cycles at = std::max(floor, bank.precharge);
        if (at > first) return;
        const DramQueue::Entry& oldest = queue[queue.oldest(index)];
        if (at == first && oldest.age > age) return;
        if ((queue.hits() & bank_bit(index)) && oldest.arrival >= queue[queue.oldest_hit(index)].arrival) return;
        if (expiring && bank.expires <= at && (unused_rows() & bank_bit(index))) return; // it closes by itself
        first = at;
        age = oldest.age;
        chosen = index;
    });
    if (chosen == none) return;
    consider(best, Action::precharge, chosen, write_mode_, first, timing_.precharge_slots, request_order | age);
}

// The bank may have become closable: the best of all is then the best of that and this.
void DramChannelCore::offer_precharge(unsigned bank) {
    if (!(closable_banks() & bank_bit(bank))) return;
    if (precharge_.known)
        consider_precharges(precharge_.choice, bank_bit(bank));
    else
        precharge_.earliest = std::min(precharge_.earliest, banks_[bank].precharge);
}

void DramChannelCore::choose_precharge() {
    precharge_ = {{}, true};
    consider_precharges(precharge_.choice, closable_banks());
}

Cycles DramChannelCore::activate_floor(const PseudoChannel& pseudo) const {
    return std::max(std::max(now_, row_bus_), std::max(pseudo.activate, pseudo.four_activates[pseudo.oldest_activate]));
}

std::uint64_t DramChannelCore::activatable_banks() const { return queue_[write_mode_].waiting() & ~open_ & ~blocked_; }

// Of `banks`, all of that pseudo channel, the one to open first.
void DramChannelCore::consider_activates(Choice& best, const PseudoChannel& pseudo, std::uint64_t banks) const {
    const DramQueue& queue = queue_[write_mode_];
    const Cycles floor = activate_floor(pseudo);
    Cycles first = best.at, age = never;
    unsigned chosen = none;
    for_each_bank(banks, [&](unsigned index) {
        const Bank& bank = banks_[index];
        const Cycles at = std::max(std::max(floor, bank.activate), groups_[bank.group].activate);
        if (at > first) return;
        const std::uint64_t its_age = queue[queue.oldest(index)].age;
        if (at == first && its_age > age) return;
        first = at;
        age = its_age;
        chosen = index;
    });
    if (chosen == none) return;
    consider(best, Action::activate, chosen, write_mode_, first, timing_.act_slots, request_order | age);
}

void DramChannelCore::offer_activate(unsigned bank) {
    if (!(activatable_banks() & bank_bit(bank))) return;
    if (activate_.known)
        consider_activates(activate_.choice, pseudos_[banks_[bank].pseudo], bank_bit(bank));
    else
        activate_.earliest = std::min(activate_.earliest, banks_[bank].activate);
}

void DramChannelCore::choose_activate() {
    const std::uint64_t banks = activatable_banks();
    Cycles first = never;
    for (const PseudoChannel& pseudo : pseudos_)
        if (banks & pseudo.banks) first = std::min(first, activate_floor(pseudo));
    activate_.not_before(banks ? first : 0);
    if (banks && key(first, timing_.act_slots) > choice_.key) return;
    activate_ = {{}, true};
    for (const PseudoChannel& pseudo : pseudos_)
        consider_activates(activate_.choice, pseudo, banks & pseudo.banks);
}

// In a slot that nothing else wants, unless another command would take the last one in time.
void DramChannelCore::choose_second_half(Choice& best) const {
    for_each_bank(half_open_, [&](unsigned index) {
        const Cycles at = std::max(now_, row_bus_);
        const bool stopped = at >= pseudos_[banks_[index].pseudo].clock_until;
        const Cycles longest =
            std::max(timing_.column_slots + (stopped ? timing_.sync_slots : 0), timing_.precharge_slots);
        if (at + longest > second_half_by_)
            best = {at, at, 0, Action::second_half, false, static_cast<std::uint16_t>(index)};
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
