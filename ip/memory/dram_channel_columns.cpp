// SPDX-License-Identifier: Apache-2.0
// The data commands of a DRAM channel: which comes next, and what it does.
#include <algorithm>

#include "ip/memory/dram_banks.h"
#include "ip/memory/dram_channel_core.h"

namespace gradus::ip {

Cycles DramChannelCore::column_time(const Bank& bank, bool write) const {
    const Cycles ready = std::max(groups_[bank.group].column[write], pseudos_[bank.pseudo].column[write]);
    return std::max(std::max(bank.column[write], ready), std::max(column_bus_, now_));
}

void DramChannelCore::choose_column() {
    const Hit hit = find_hit();
    column_ = {{}, true};
    if (hit.at != never)
        consider(column_.choice, Action::column, hit.bank, write_mode_, hit.at, timing_.column_slots,
                 request_order | hit.age);
    if (!first_ready_)
        consider_opened_before_turn(column_.choice);
    else if (fresh_ && first_use_ <= column_.choice.at)
        consider_openers(column_.choice);
}

void DramChannelCore::consider_openers(Choice& best) {
    Cycles first = never, age = never;
    unsigned opened = 0;
    first_use_ = never;
    for_each_bank(fresh_, [&](unsigned index) {
        const Bank& bank = banks_[index];
        first_use_ = std::min(first_use_, bank.column[bank.opened_for_write]);
        if (half_open_ & bank_bit(index)) return;
        const Cycles at = column_time(bank, bank.opened_for_write);
        if (at > first || (at == first && bank.opener_age > age)) return;
        first = at;
        age = bank.opener_age;
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
             column_time(bank, bank.opened_for_write), timing_.column_slots, bank.opener_age);
}

// The first hit of the current direction. Of each group it is remembered.
DramChannelCore::Hit DramChannelCore::find_hit() {
    const bool write = write_mode_;
    std::uint64_t hits = queue_[write].hits() & ~blocked_ & ~half_open_;
    if (first_ready_) hits &= ~fresh_;
    const Cycles floor = std::max(column_bus_, now_);
    for (std::uint64_t rest = (queue_[write].take_changed() & hits) | (hits ^ grouped_); rest;) {
        Group& group = groups_[banks_[static_cast<unsigned>(__builtin_ctzll(rest))].group];
        rest &= ~group.banks;
        find_first_hit(group, hits, floor);
    }
    grouped_ = hits;
    Hit hit;
    if (!hits) return hit;
    auto group = groups_.begin();
    for (const PseudoChannel& pseudo : pseudos_) {
        const Cycles earliest = std::max(floor, pseudo.column[write]);
        for (const auto end = group + organisation_.groups; group != end; ++group) {
            const Cycles at = std::max(earliest, group->first_hit_ready);
            if (at > hit.at || at == never) continue;
            if (at >= group->overtaken_at) find_first_hit(*group, hits, floor);
            if (at == hit.at && group->first_hit_age > hit.age) continue;
            hit = {at, group->first_hit_age, group->first_hit};
        }
    }
    return hit;
}

void DramChannelCore::find_first_hit(Group& group, std::uint64_t hits, Cycles floor) const {
    const DramQueue& queue = queue_[write_mode_];
    const Cycles column = group.column[write_mode_];
    const Cycles earliest = std::max(floor, std::max(column, pseudos_[group.pseudo].column[write_mode_]));
    Cycles first = never;
    std::uint64_t ready_later = 0;
    group.first_hit_age = group.first_hit_ready = group.overtaken_at = never;
    for_each_bank(hits & group.banks, [&](unsigned bank) {
        const Cycles ready = banks_[bank].column[write_mode_], at = std::max(earliest, ready);
        if (ready > earliest) ready_later |= bank_bit(bank);
        if (at > first) return;
        const std::uint64_t age = queue[queue.oldest_hit(bank)].age;
        if (at == first && age > group.first_hit_age) return;
        first = at;
        group.first_hit = bank;
        group.first_hit_ready = std::max(column, ready);
        group.first_hit_age = age;
    });
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

void DramChannelCore::issue_hit(unsigned bank, bool write, Cycles at) {
    const DramQueue::Index hit = queue_[write].oldest_hit(bank);
    const std::uint32_t owner = queue_[write][hit].owner;
    take(bank, hit, write);
    issue_column(bank, owner, write, at);
}

void DramChannelCore::issue_column(unsigned index, std::uint32_t owner, bool write, Cycles at) {
    Bank& bank = banks_[index];
    PseudoChannel& pseudo = pseudos_[bank.pseudo];
    if (at >= pseudo.clock_until) at += timing_.sync_slots;
    occupy_column_bus(at + timing_.column_slots);
    column_.forget();
    if (precharge_.choice.bank == index) precharge_.postpone();

    const auto push_back = [](Cycles& earliest, Cycles to) { earliest = std::max(earliest, to); };
    Group& group = groups_[bank.group];
    push_back(pseudo.column[write], at + gap_.column_s[write]);
    push_back(pseudo.column[!write], at + (write ? gap_.write_read_s : gap_.read_write));
    push_back(group.column[write], at + gap_.column_l[write]);
    if (write) push_back(group.column[0], at + gap_.write_read_l);
    push_back(group.first_hit_ready, group.column[write_mode_]);
    bank.precharge = std::max(bank.precharge, at + (write ? gap_.write_pre : gap_.read_pre));

    const Cycles data = at + (write ? gap_.write_data : gap_.read_data);
    pseudo.clock_until = std::max(pseudo.clock_until, data + timing_.clock_hold);

    ++(write ? counters_.writes : counters_.reads);
    log(at, write ? DramCommand::Kind::write : DramCommand::Kind::read, bank_bit(index), bank.row);
    listener_.transferred(owner, write, data);
    fresh_ &= ~bank_bit(index);
    apply_page_policy(index, at);
    offer_precharge(index);
}

void DramChannelCore::apply_page_policy(unsigned index, Cycles at) {
    if (policy_.page_policy == DramPagePolicy::open) return;
    Bank& bank = banks_[index];
    bank.expires = std::max(bank.precharge, at + policy_.page_timeout);
    if (policy_.page_policy == DramPagePolicy::timeout) return;
    if (!((queue_[0].hits() | queue_[1].hits()) & bank_bit(index))) close_automatically(index, bank.precharge);
}

} // namespace gradus::ip
