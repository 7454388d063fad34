// SPDX-License-Identifier: Apache-2.0
// One target's port of the data fabric: who may pass next, and when.
//
// The port passes one transaction at a time, as a whole. A transaction takes a beat, a cycle, for every aligned word of
// port_bytes that it touches. It may begin when the port is free and fewer than queue_depth transactions are under way;
// it is under way from then until its answer is passed on.
//
// A port that was taken decides among the requests that were there before it became free; one that comes at that very
// instant is too late. A port that was idle decides among those of the instant in which it is asked. They reach a model
// one after the other, in an order that means nothing: so each carries the number of its round, and a decision looks at
// those of earlier rounds only. Whoever asks together competes together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ip/common/address_range.h"
#include "ip/common/traffic.h"
#include "ip/common/units.h"
#include "ip/interconnect/interconnect_parameters.h"

namespace gradus::ip {

/// A transaction that waits for its turn.
struct FabricRequest {
    unsigned initiator = 0;
    Picoseconds arrival = 0;
    std::uint64_t round = 0;
    Picoseconds beats = 0; ///< how long it takes to pass
};

/// What a port has done so far. Refused accesses do not count.
struct FabricPortCounters {
    Bytes bytes_read = 0;
    Bytes bytes_written = 0;
    Picoseconds busy = 0;
};

class FabricPort {
public:
    static constexpr Picoseconds unknown = ~Picoseconds{0};

    FabricPort(const AddressRange& range, Bytes port_bytes, const FabricParameters& parameters, Clock clock);

    const AddressRange& range() const { return range_; }
    Picoseconds beats(std::uint64_t offset, Bytes bytes) const {
        return clock_(ceil_div(offset % port_bytes_ + bytes, port_bytes_));
    }

    /// When the next transaction can begin, as far as it is known at `now`; in the past when it has been possible for a
    /// while. `unknown` when every place is taken by a transaction whose end is not known.
    Picoseconds ready(Picoseconds now);

    /// The port is taken for `request`, which does not wait here, from `now` on.
    void pass(const FabricRequest& request, Picoseconds now);
    /// A transaction that has passed ends at `end`. Whether that may be what the others wait for.
    bool answered(Picoseconds end);
    void count(unsigned initiator, Bytes bytes, bool write) {
        (write ? counters_.bytes_written : counters_.bytes_read) += bytes;
        traffic_.count(initiator, bytes, write);
    }

    void enqueue(FabricRequest& request) { waiting_.push_back(&request); }
    bool anyone_waits() const { return !waiting_.empty(); }
    FabricRequest& longest_waiting() const { return *waiting_.front(); }
    /// Of those that wait and take part in a decision of round `round`, the one that goes first by the rule: it waits
    /// no longer, and the port is taken for it from `now` on. At least one that came before `round` must be waiting.
    FabricRequest& pass_next(std::uint64_t round, Picoseconds now);

    const FabricPortCounters& counters() const { return counters_; }
    const TrafficByInitiator& traffic() const { return traffic_; }

private:
    bool goes_before(const FabricRequest& one, const FabricRequest& other) const;

    const AddressRange range_;
    const Bytes port_bytes_;
    const FabricArbitration arbitration_;
    const std::size_t places_;
    const Clock clock_;

    Picoseconds free_ = 0;
    unsigned unanswered_ = 0;       ///< passed, end unknown
    std::vector<Picoseconds> ends_; ///< of those whose end is known; some may be over
    std::vector<FabricRequest*> waiting_;
    unsigned last_ = ~0u; ///< the initiator that went last
    FabricPortCounters counters_;
    TrafficByInitiator traffic_;
};

} // namespace gradus::ip
