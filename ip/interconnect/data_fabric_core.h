// SPDX-License-Identifier: Apache-2.0
// Address map and ports of the data fabric, see data_fabric.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "ip/interconnect/fabric_port.h"

namespace gradus::ip {

class DataFabricCore {
public:
    DataFabricCore(const FabricParameters& parameters, Clock clock) : parameters_(parameters), clock_(clock) {}

    /// The next port answers for `range` and moves `port_bytes` a cycle; 0: what the parameters say for all. Throws
    /// std::invalid_argument for a range that is empty, wraps around or overlaps an earlier one.
    void map(const AddressRange& range, Bytes port_bytes = 0);
    unsigned ports() const { return static_cast<unsigned>(ports_.size()); }

    /// The port that holds all of [address, address + bytes).
    std::optional<unsigned> find(std::uint64_t address, Bytes bytes) const;
    FabricPort& port(unsigned index) { return ports_[index]; }
    const FabricPort& port(unsigned index) const { return ports_[index]; }

    Picoseconds latency() const { return clock_(parameters_.latency); }
    /// Of the latency, what comes behind the target: a cycle, so that an initiator hears of the end before it comes.
    Picoseconds way_back() const { return clock_(std::min<Cycles>(1, parameters_.latency)); }
    /// The edge of the fabric's clock at which what comes at `time` is taken over.
    Picoseconds edge(Picoseconds time) const { return clock_.edge(time); }

private:
    const FabricParameters parameters_;
    const Clock clock_;
    std::vector<FabricPort> ports_;
};

} // namespace gradus::ip
