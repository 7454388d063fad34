// SPDX-License-Identifier: Apache-2.0
// When a DRAM channel refreshes, and what that does to its banks.
#include <algorithm>

#include "ip/memory/dram_banks.h"
#include "ip/memory/dram_channel_core.h"

namespace gradus::ip {

void DramChannelCore::note_refresh() {
    next_refresh_ = never;
    for (const PseudoChannel& pseudo : pseudos_)
        if (!pseudo.refreshing) next_refresh_ = std::min(next_refresh_, pseudo.refresh_due);
}

std::uint64_t DramChannelCore::refresh_banks(const PseudoChannel& pseudo) const {
    if (policy_.refresh == DramRefresh::all_bank) return pseudo.banks;
    std::uint64_t first = pseudo.banks & (~pseudo.banks + 1);
    const unsigned banks = organisation_.banks, groups = organisation_.groups;
    first <<= pseudo.refresh_count % refreshes_;
    if (policy_.refresh == DramRefresh::per_bank) return first;
    std::uint64_t mask = 0;
    for (unsigned group = 0; group < groups; ++group)
        mask |= first << (group * banks);
    return mask;
}

void DramChannelCore::schedule_refresh(PseudoChannel& pseudo) {
    if (refreshes_ > 0) pseudo.refresh_due = (pseudo.refresh_count + 1) * timing_.refi / refreshes_;
    note_refresh();
}

void DramChannelCore::begin_refresh(Cycles at) {
    now_ = std::max(now_, at);
    for (PseudoChannel& pseudo : pseudos_) {
        if (pseudo.refreshing || pseudo.refresh_due > at) continue;
        pseudo.refreshing = refresh_banks(pseudo);
        blocked_ |= pseudo.refreshing;
        // An opened row waits for its first use; bank machines have their request in the queue still, and open it
        // again.
        if (!first_ready_) fresh_ &= ~pseudo.refreshing;
    }
    note_refresh();
    forget_choices();
    chosen_ = false;
}

// With nothing to do for a long time, refreshes only count; those of the last two intervals are done in earnest. In a
// log of commands all of them stand.
void DramChannelCore::skip_idle_refreshes(Cycles until) {
    if (open_ || blocked_ || log_) return;
    for (PseudoChannel& pseudo : pseudos_) {
        if (pseudo.refresh_due >= until || until - pseudo.refresh_due <= 3 * timing_.refi) continue;
        const std::uint64_t skipped = ((until - pseudo.refresh_due) / timing_.refi - 2) * refreshes_;
        pseudo.refresh_count += skipped;
        counters_.refreshes += skipped;
        schedule_refresh(pseudo);
        chosen_ = false;
    }
}

void DramChannelCore::issue_refresh_precharge(PseudoChannel& pseudo, Cycles at) {
    const bool all = policy_.refresh == DramRefresh::all_bank;
    occupy_row_bus(at + timing_.precharge_slots);
    forget_choices();
    log(at, DramCommand::Kind::precharge, pseudo.refreshing & open_);
    for_each_bank(pseudo.refreshing & open_, [&](unsigned index) {
        banks_[index].activate = std::max(banks_[index].activate, at + (all ? gap_.pre_all_act : gap_.pre_act));
        close(index);
    });
}

void DramChannelCore::issue_refresh(PseudoChannel& pseudo, Cycles at) {
    const bool all = policy_.refresh == DramRefresh::all_bank;
    occupy_row_bus(at + timing_.precharge_slots);
    for_each_bank(pseudo.refreshing, [&](unsigned index) {
        banks_[index].activate = at + (all ? gap_.refresh_act : gap_.refresh_bank_act);
    });
    if (!all) pseudo.activate = std::max(pseudo.activate, at + gap_.refresh_act_s);
    ++counters_.refreshes;
    log(at, DramCommand::Kind::refresh, pseudo.refreshing);
    forget_choices();
    blocked_ &= ~pseudo.refreshing;
    pseudo.refreshing = 0;
    ++pseudo.refresh_count;
    schedule_refresh(pseudo);
}

} // namespace gradus::ip
