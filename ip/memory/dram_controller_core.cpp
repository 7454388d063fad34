// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/dram_controller_core.h"

#include <algorithm>

namespace gradus::ip {

DramControllerCore::DramControllerCore(const DramParameters& parameters)
    : parameters_(parameters), map_(parameters), clock_{parameters.timing.period},
      write_front_end_(parameters.policy.early_write_answer ? 0 : parameters.policy.front_end) {
    DramListener& listener = *this;
    for (unsigned channel = 0; channel < parameters.channels; ++channel)
        channels_.emplace_back(parameters.timing, parameters.organisation, parameters.policy, listener);
}

DramControllerCore::Id DramControllerCore::submit(const MemoryRequest& request, Picoseconds now) {
    const Bytes burst_bytes = parameters_.organisation.burst_bytes;
    const std::uint64_t first = request.offset / burst_bytes;
    const std::uint64_t last = (request.offset + request.bytes - 1) / burst_bytes;
    const Cycles arrival = clock_.ceil_cycles(request.arrival), decided = clock_.ceil_cycles(now);
    (request.write ? bursts_.written : bursts_.read) += last - first + 1;
    const Id id = allocate();
    Transaction& transaction = transactions_[id];
    transaction = {};
    transaction.forgotten = false;
    transaction.write = request.write;
    transaction.unaccepted = transaction.unfinished = static_cast<std::uint32_t>(last - first + 1);

    Cycles accepted = 0;
    map_.for_each(first, last, [&](const DramPlace& place) {
        DramChannelCore& channel = channels_[place.channel];
        channel.advance(decided);
        accepted =
            std::max(accepted, channel.submit({place.bank, place.row, place.column, id}, request.write, arrival));
    });
    if (accepted != DramChannelCore::never && request.write) {
        transaction.known = true;
        transaction.accepted = accepted;
    }
    return id;
}

std::optional<Picoseconds> DramControllerCore::acceptance(Id id) const {
    const Transaction& transaction = transactions_[id];
    if (transaction.unaccepted > 0) return std::nullopt;
    return clock_(transaction.accepted);
}

std::optional<Picoseconds> DramControllerCore::release(Id id) const {
    const Transaction& transaction = transactions_[id];
    if (!transaction.known) return std::nullopt;
    return clock_(transaction.write ? transaction.accepted + 1 + write_front_end_
                                    : transaction.finished + parameters_.policy.front_end);
}

void DramControllerCore::forget(Id id) {
    transactions_[id].forgotten = true;
    recycle(id);
}

void DramControllerCore::advance(Picoseconds until) {
    const Cycles cycle = clock_.ceil_cycles(until);
    for (DramChannelCore& channel : channels_)
        channel.advance(cycle);
}

void DramControllerCore::settle_acceptance() {
    for (DramChannelCore& channel : channels_)
        channel.accept_all();
}

void DramControllerCore::finish() {
    for (DramChannelCore& channel : channels_)
        channel.finish();
}

Picoseconds DramControllerCore::next_release() {
    Cycles next = DramChannelCore::never;
    for (DramChannelCore& channel : channels_)
        next = std::min(next, channel.next_answer());
    return next == DramChannelCore::never ? never : clock_(next + write_front_end_);
}

const std::vector<DramControllerCore::Id>& DramControllerCore::take_released() {
    taken_.clear();
    taken_.swap(released_);
    return taken_;
}

void DramControllerCore::accepted(std::uint32_t owner, bool, Cycles at) {
    Transaction& transaction = transactions_[owner];
    --transaction.unaccepted;
    transaction.accepted = std::max(transaction.accepted, at);
    if (transaction.write && transaction.unaccepted == 0) settle(owner);
}

void DramControllerCore::transferred(std::uint32_t owner, bool, Cycles at) {
    Transaction& transaction = transactions_[owner];
    --transaction.unfinished;
    transaction.finished = std::max(transaction.finished, at);
    last_data_ = std::max(last_data_, at);
    if (transaction.unfinished > 0) return;
    if (!transaction.write) settle(owner);
    recycle(owner);
}

void DramControllerCore::settle(Id id) {
    if (transactions_[id].known) return;
    transactions_[id].known = true;
    released_.push_back(id);
}

DramControllerCore::Id DramControllerCore::allocate() {
    if (unused_.empty()) {
        unused_.push_back(static_cast<Id>(transactions_.size()));
        transactions_.emplace_back();
    }
    const Id id = unused_.back();
    unused_.pop_back();
    return id;
}

void DramControllerCore::recycle(Id id) {
    if (transactions_[id].forgotten && transactions_[id].unfinished == 0) unused_.push_back(id);
}

DramChannelCounters DramControllerCore::totals() const {
    DramChannelCounters sum;
    for (const DramChannelCore& channel : channels_) {
        const DramChannelCounters& each = channel.counters();
        sum.reads += each.reads;
        sum.writes += each.writes;
        sum.activates += each.activates;
        sum.conflicts += each.conflicts;
        sum.refreshes += each.refreshes;
        sum.forwarded += each.forwarded;
    }
    return sum;
}

Picoseconds DramControllerCore::busy() const {
    const DramChannelCounters sum = totals();
    const std::uint64_t buses = std::uint64_t{parameters_.channels} * parameters_.organisation.pseudo_channels;
    return clock_((sum.reads + sum.writes) * parameters_.timing.burst) / buses;
}

DramRowCounters DramControllerCore::rows() const {
    const DramChannelCounters sum = totals();
    const std::uint64_t bursts = sum.reads + sum.writes;
    DramRowCounters rows;
    rows.hits = bursts - std::min(bursts, sum.activates);
    rows.conflicts = std::min(sum.conflicts, sum.activates);
    rows.misses = sum.activates - rows.conflicts;
    rows.refreshes = sum.refreshes;
    rows.forwarded = sum.forwarded;
    return rows;
}

} // namespace gradus::ip
