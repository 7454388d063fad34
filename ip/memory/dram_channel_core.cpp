// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/dram_channel_core.h"

#include <algorithm>

#include "ip/memory/dram_banks.h"

namespace gradus::ip {

DramChannelCore::Gaps DramChannelCore::gaps(const DramTiming& timing) {
    // From first slot to first slot: the standards count from last to last.
    const auto gap = [](Cycles time, Cycles slots, Cycles slots_after) {
        return time + slots > slots_after ? time + slots - slots_after : 0;
    };
    const Cycles act = timing.act_slots, column = timing.column_slots, pre = timing.precharge_slots;
    const Cycles written = timing.wl + timing.burst;
    Gaps gaps{};
    gaps.act_column[0] = gap(timing.rcd_read, act, column);
    gaps.act_column[1] = gap(timing.rcd_write, act, column);
    gaps.act_pre = gap(timing.ras, act, pre);
    gaps.act_act = timing.rc;
    gaps.act_act_s = timing.rrd_s;
    gaps.act_act_l = timing.rrd_l;
    gaps.four_acts = timing.faw;
    gaps.read_pre = gap(timing.rtp, column, pre);
    gaps.write_pre = gap(written + timing.wr, column, pre);
    gaps.pre_act = gap(timing.rp, pre, act);
    gaps.pre_all_act = gap(timing.rp_all, pre, act);
    gaps.refresh_act = gap(timing.rfc, pre, act);
    gaps.refresh_bank_act = gap(timing.rfc_bank, pre, act);
    gaps.refresh_act_s = gap(timing.rrd_s, pre, act);
    gaps.column_s[0] = gaps.column_s[1] = timing.ccd_s;
    gaps.column_l[0] = timing.ccd_l;
    gaps.column_l[1] = timing.ccd_l_write;
    gaps.read_write = timing.rtw;
    gaps.write_read_s = written + timing.wtr_s;
    gaps.write_read_l = written + timing.wtr_l;
    gaps.read_data = timing.rl + timing.burst + column - 1;
    gaps.write_data = written + column - 1;
    return gaps;
}

DramChannelCore::DramChannelCore(const DramTiming& timing, const DramOrganisation& organisation,
                                 const DramPolicy& policy, DramListener& listener)
    : timing_(timing), organisation_(organisation), policy_(policy), gap_(gaps(timing)),
      refreshes_(dram_refreshes(organisation, policy.refresh)),
      first_ready_(policy.scheduler == DramScheduler::first_ready), listener_(listener),
      banks_(organisation.banks_per_channel()),
      pseudos_(organisation.pseudo_channels), queue_{DramQueue(policy.read_queue, organisation.banks_per_channel()),
                                                     DramQueue(policy.write_queue, organisation.banks_per_channel())} {
    groups_.resize(organisation.pseudo_channels * organisation.groups);
    for (unsigned bank = 0; bank < banks_.size(); ++bank) {
        banks_[bank].group = bank / organisation.banks;
        banks_[bank].pseudo = banks_[bank].group / organisation.groups;
        pseudos_[banks_[bank].pseudo].banks |= bank_bit(bank);
        groups_[banks_[bank].group].pseudo = banks_[bank].pseudo;
        groups_[banks_[bank].group].banks |= bank_bit(bank);
    }
    for (PseudoChannel& pseudo : pseudos_) {
        schedule_refresh(pseudo);
        if (timing.sync_slots) pseudo.clock_until = 0;
    }
}

Cycles DramChannelCore::submit(const DramBurst& burst, bool write, Cycles arrival) {
    Arrivals& arrivals = arrivals_[write];
    arrival = std::max(arrival, arrival_by_[write]);
    if (policy_.accept_interval > 0) arrival_by_[write] = arrival + policy_.accept_interval;
    const bool room = queue_[write].size() + arrivals.size() < (write ? policy_.write_queue : policy_.read_queue);
    const bool next = arrivals.empty() || arrival < arrivals.front().at;
    arrivals.insert({burst, arrival});
    if (next) note_arrival(write);
    return room ? arrival : never;
}

bool DramChannelCore::idle() const { return queue_[0].size() + queue_[1].size() == 0 && !arriving() && fresh_ == 0; }

void DramChannelCore::note_arrival(bool write) {
    const bool possible = !arrivals_[write].empty() && !queue_[write].full();
    next_arrival_[write] = possible ? std::max(arrivals_[write].front().at, space_since_[write]) : never;
}

Cycles DramChannelCore::next() {
    if (!chosen_) choose();
    return std::min({next_arrival_[0], next_arrival_[1], next_refresh_, next_expiry_, choice_.at});
}

Cycles DramChannelCore::next_answer() {
    if (!arrivals_[1].empty()) return next() + 1;
    if (queue_[0].size() || !arrivals_[0].empty() || fresh_) return next() + gap_.read_data;
    return never;
}

void DramChannelCore::decide(Cycles until) {
    // Whatever is queued and open is over within a few intervals of a long pause; then refreshes only count.
    if (until - now_ > 8 * timing_.refi) {
        const Cycles soon = now_ + 4 * timing_.refi;
        while (step_before(soon)) {}
    }
    if (idle()) skip_idle_refreshes(until);
    while (step_before(until)) {}
    now_ = std::max(now_, until);
    chosen_ = chosen_ && choice_.at >= now_;
}

void DramChannelCore::accept_all() {
    while (arriving())
        step_before(never);
}

void DramChannelCore::finish() {
    while (!idle())
        step_before(never);
}

// Rows expire before anything else happens in a cycle. What arrives in it takes part in choosing its command, and a
// refresh that is due blocks it.
bool DramChannelCore::step_before(Cycles until) {
    const Cycles arrival = std::min(next_arrival_[0], next_arrival_[1]);
    if (!chosen_) {
        if (wants_write_mode() != write_mode_) turn();
        // No command comes before what is there already.
        const bool at_once = arrival <= now_ && arrival < until && arrival <= next_refresh_;
        if (at_once && policy_.page_policy != DramPagePolicy::timeout) {
            accept(next_arrival_[1] < next_arrival_[0], arrival);
            return true;
        }
        choose();
    }
    const Cycles next = std::min({arrival, next_refresh_, choice_.at});
    if (std::min(next, next_expiry_) >= until) return false;
    if (next_expiry_ <= next)
        close_expired(next_expiry_);
    else if (arrival <= next_refresh_ && arrival <= choice_.at)
        accept(next_arrival_[1] < next_arrival_[0], arrival);
    else if (next_refresh_ <= choice_.at)
        begin_refresh(next_refresh_);
    else
        issue(choice_);
    return true;
}

void DramChannelCore::accept(bool write, Cycles at) {
    now_ = std::max(now_, at);
    const DramBurst burst = arrivals_[write].front().burst;
    arrivals_[write].pop_front();
    listener_.accepted(burst.owner, write, at);
    if (!write && (queue_[1].waiting() & bank_bit(burst.bank)) &&
        queue_[1].holds(burst.bank, burst.row, burst.column)) {
        ++counters_.forwarded;
        note_arrival(write);
        listener_.transferred(burst.owner, false, at + gap_.read_data);
        return;
    }
    DramQueue& queue = queue_[write];
    const std::uint64_t bank = bank_bit(burst.bank);
    const bool first = !(queue.waiting() & bank);
    const bool had_hit = queue.hits() & bank;
    queue.push(burst.bank, {next_age_++, at, burst.row, burst.column, burst.owner});
    note_arrival(write);
    const bool new_hit = !had_hit && (queue.hits() & bank);
    const bool timeout = policy_.page_policy == DramPagePolicy::timeout;
    // A burst behind others of its bank, or of the direction that has to wait, changes nothing yet.
    if ((!first && !new_hit) || (write != write_mode_ && !timeout)) {
        chosen_ = chosen_ && wants_write_mode() == write_mode_;
        return;
    }
    chosen_ = false;
    if (new_hit || (fresh_ & bank)) column_.forget();
    if (timeout)
        precharge_.forget();
    else if (new_hit && precharge_.choice.bank == burst.bank)
        precharge_.postpone();
    offer_precharge(burst.bank);
    offer_activate(burst.bank);
}

void DramChannelCore::issue(const Choice& choice) {
    now_ = choice.at;
    chosen_ = false;
    switch (choice.action) {
    case Action::column_opener: {
        Bank& bank = banks_[choice.bank];
        return issue_column(choice.bank, bank.opener_owner, bank.opened_for_write, choice.at);
    }
    case Action::column:
        return issue_hit(choice.bank, choice.write, choice.at);
    case Action::precharge:
        return issue_precharge(choice.bank, choice.at);
    case Action::activate:
        return issue_activate(choice.bank, choice.at);
    case Action::second_half:
        return issue_second_half(choice.bank, choice.at);
    case Action::refresh_precharge:
        return issue_refresh_precharge(pseudos_[choice.bank], choice.at);
    case Action::refresh:
        return issue_refresh(pseudos_[choice.bank], choice.at);
    case Action::none:
        return;
    }
}

void DramChannelCore::take(unsigned bank, DramQueue::Index index, bool write) {
    const bool was_full = queue_[write].full();
    queue_[write].remove(bank, index);
    if (!was_full) return;
    space_since_[write] = now_ + 1;
    note_arrival(write);
}

void DramChannelCore::occupy_row_bus(Cycles until) {
    row_bus_ = until;
    precharge_.not_before(until);
    activate_.not_before(until);
    if (organisation_.column_bus) return;
    column_bus_ = until;
    column_.not_before(until);
}

void DramChannelCore::occupy_column_bus(Cycles until) {
    column_bus_ = until;
    if (!organisation_.column_bus) occupy_row_bus(until);
}

// Rows that the page policy closes if nothing comes for them.
std::uint64_t DramChannelCore::unused_rows() const {
    return open_ & ~fresh_ & ~queue_[0].hits() & ~queue_[1].hits() & ~blocked_;
}

void DramChannelCore::note_expiry() {
    next_expiry_ = never;
    for_each_bank(unused_rows(), [&](unsigned index) { next_expiry_ = std::min(next_expiry_, banks_[index].expires); });
}

void DramChannelCore::close_expired(Cycles at) {
    now_ = std::max(now_, at);
    for_each_bank(unused_rows(), [&](unsigned index) {
        if (banks_[index].expires <= at) close_automatically(index, banks_[index].expires);
    });
}

void DramChannelCore::close_automatically(unsigned index, Cycles at) {
    Bank& bank = banks_[index];
    bank.activate = std::max(bank.activate, at + gap_.pre_act);
    log(at, DramCommand::Kind::precharge, bank_bit(index), 0, true);
    forget_choices();
    chosen_ = false;
    close(index);
}

void DramChannelCore::close(unsigned index) {
    banks_[index].row = DramQueue::no_row;
    queue_[0].open(index, DramQueue::no_row);
    queue_[1].open(index, DramQueue::no_row);
    open_ &= ~bank_bit(index);
    fresh_ &= ~bank_bit(index);
}

void DramChannelCore::issue_precharge(unsigned index, Cycles at) {
    Bank& bank = banks_[index];
    occupy_row_bus(at + timing_.precharge_slots);
    bank.activate = std::max(bank.activate, at + gap_.pre_act);
    ++counters_.conflicts;
    precharge_.forget();
    if (column_.choice.bank == index) column_.forget();
    log(at, DramCommand::Kind::precharge, bank_bit(index));
    close(index);
    offer_activate(index);
}

void DramChannelCore::issue_activate(unsigned index, Cycles at) {
    Bank& bank = banks_[index];
    PseudoChannel& pseudo = pseudos_[bank.pseudo];
    DramQueue& queue = queue_[write_mode_];
    occupy_row_bus(at + timing_.act_slots);
    const DramQueue::Index oldest = queue.oldest(index);
    bank.row = queue[oldest].row;
    bank.opened_for_write = write_mode_;
    if (first_ready_) {
        bank.opener_age = queue[oldest].age;
        bank.opener_owner = queue[oldest].owner;
        take(index, oldest, write_mode_);
    }
    queue_[0].open(index, bank.row);
    queue_[1].open(index, bank.row);
    open_ |= bank_bit(index);
    fresh_ |= bank_bit(index);

    first_use_ = std::min(first_use_, at + gap_.act_column[write_mode_]);
    bank.column[0] = at + gap_.act_column[0];
    bank.column[1] = at + gap_.act_column[1];
    bank.precharge = at + gap_.act_pre;
    bank.activate = at + gap_.act_act;
    pseudo.activate = at + gap_.act_act_s;
    groups_[bank.group].activate = at + gap_.act_act_l;
    pseudo.four_activates[pseudo.oldest_activate] = at + gap_.four_acts;
    pseudo.oldest_activate = (pseudo.oldest_activate + 1) % pseudo.four_activates.size();
    ++counters_.activates;
    activate_.forget();
    log(at, DramCommand::Kind::activate, bank_bit(index), bank.row);
    if (timing_.aad == 0) return offer_opened(index);
    half_open_ = bank_bit(index);
    second_half_by_ = at + timing_.aad;
}

void DramChannelCore::issue_second_half(unsigned index, Cycles at) {
    occupy_row_bus(at + timing_.act_slots);
    half_open_ = 0;
    forget_choices();
    log(at, DramCommand::Kind::activate_second, bank_bit(index), banks_[index].row);
}

void DramChannelCore::log(Cycles at, DramCommand::Kind kind, std::uint64_t banks, std::uint32_t row, bool automatic) {
    if (log_) log_->push_back({at, kind, banks, row, automatic});
}

} // namespace gradus::ip
