// SPDX-License-Identifier: Apache-2.0
// Address map and port timing of the data fabric, see data_fabric.h.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ip/common/address_range.h"
#include "ip/common/timeline.h"
#include "ip/interconnect/interconnect_parameters.h"

namespace gradus::ip {

/// What one target's port has done so far. Refused accesses do not count.
struct FabricPortCounters {
    Bytes bytes_read = 0;
    Bytes bytes_written = 0;
    Picoseconds busy = 0;
};

class DataFabricCore {
public:
    DataFabricCore(const FabricParameters& parameters, Clock clock) : parameters_(parameters), clock_(clock) {}

    /// The next port answers for `range`. Throws std::invalid_argument for a range that is empty, wraps around or
    /// overlaps an earlier one.
    void map(const AddressRange& range);
    unsigned ports() const { return static_cast<unsigned>(ports_.size()); }

    /// The port that holds all of [address, address + bytes).
    std::optional<unsigned> find(std::uint64_t address, Bytes bytes) const;
    const AddressRange& range(unsigned port) const { return ports_[port].range; }

    /// Reserves the port for the beats of a transfer that arrives at `arrival`. Returns when the first beat passes.
    Picoseconds reserve(unsigned port, Picoseconds arrival, Bytes bytes);
    Picoseconds latency() const { return clock_(parameters_.latency); }
    Picoseconds beats(Bytes bytes) const { return clock_(ceil_div(bytes, parameters_.port_bytes)); }
    /// The edge of the fabric's clock at which an answer that came at `time` is passed on.
    Picoseconds edge(Picoseconds time) const { return clock_.edge(time); }

    void count(unsigned port, Bytes bytes, bool write);
    FabricPortCounters counters(unsigned port) const;

private:
    struct Port {
        AddressRange range;
        Timeline timeline;
        FabricPortCounters counters;
    };

    const FabricParameters parameters_;
    const Clock clock_;
    std::vector<Port> ports_;
};

} // namespace gradus::ip
