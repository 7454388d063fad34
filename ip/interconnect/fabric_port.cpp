// SPDX-License-Identifier: Apache-2.0
#include "ip/interconnect/fabric_port.h"

#include <algorithm>

namespace gradus::ip {

FabricPort::FabricPort(const AddressRange& range, Bytes port_bytes, const FabricParameters& parameters, Clock clock)
    : range_(range), port_bytes_(port_bytes), arbitration_(parameters.arbitration),
      places_(std::max(1u, parameters.queue_depth)), clock_(clock) {}

Picoseconds FabricPort::ready(Picoseconds now) {
    if (unanswered_ + ends_.size() < places_) return free_;
    ends_.erase(std::remove_if(ends_.begin(), ends_.end(), [now](Picoseconds end) { return end <= now; }), ends_.end());
    if (unanswered_ + ends_.size() < places_) return free_;
    if (ends_.empty()) return unknown;
    return std::max(free_, *std::min_element(ends_.begin(), ends_.end()));
}

void FabricPort::pass(const FabricRequest& request, Picoseconds now) {
    free_ = now + request.beats;
    counters_.busy += request.beats;
    last_ = request.initiator;
    ++unanswered_;
}

bool FabricPort::answered(Picoseconds end) {
    --unanswered_;
    ends_.push_back(end);
    return anyone_waits() && unanswered_ + ends_.size() >= places_;
}

FabricRequest& FabricPort::pass_next(std::uint64_t round, Picoseconds now) {
    const bool was_taken = waiting_.front()->arrival < now;
    const auto takes_part = [&](const FabricRequest& each) {
        return was_taken ? each.arrival < now : each.round < round;
    };
    auto first = waiting_.begin();
    for (auto each = first + 1; each != waiting_.end() && takes_part(**each); ++each)
        if (goes_before(**each, **first)) first = each;
    FabricRequest& request = **first;
    waiting_.erase(first);
    pass(request, now);
    return request;
}

// Two requests of one initiator keep their order: neither goes before the other.
bool FabricPort::goes_before(const FabricRequest& one, const FabricRequest& other) const {
    switch (arbitration_) {
    case FabricArbitration::round_robin: // how far behind the last one, around the circle
        return one.initiator - last_ - 1 < other.initiator - last_ - 1;
    case FabricArbitration::priority:
        return one.initiator < other.initiator;
    case FabricArbitration::first_come:
        break;
    }
    return one.arrival != other.arrival ? one.arrival < other.arrival : one.initiator < other.initiator;
}

} // namespace gradus::ip
