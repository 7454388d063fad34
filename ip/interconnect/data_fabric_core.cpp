// SPDX-License-Identifier: Apache-2.0
#include "ip/interconnect/data_fabric_core.h"

#include <stdexcept>

namespace gradus::ip {

void DataFabricCore::map(const AddressRange& range) {
    if (range.bytes == 0 || range.base + (range.bytes - 1) < range.base)
        throw std::invalid_argument("data fabric: an address range is empty or wraps around");
    for (const Port& port : ports_)
        if (port.range.contains(range.base) || range.contains(port.range.base))
            throw std::invalid_argument("data fabric: two address ranges overlap");
    ports_.push_back({range, {}, {}});
}

std::optional<unsigned> DataFabricCore::find(std::uint64_t address, Bytes bytes) const {
    for (unsigned port = 0; port < ports(); ++port)
        if (ports_[port].range.contains(address, bytes)) return port;
    return {};
}

Picoseconds DataFabricCore::reserve(unsigned port, Picoseconds arrival, Bytes bytes) {
    return ports_[port].timeline.reserve(arrival, beats(bytes));
}

void DataFabricCore::count(unsigned port, Bytes bytes, bool write) {
    FabricPortCounters& counters = ports_[port].counters;
    (write ? counters.bytes_written : counters.bytes_read) += bytes;
}

FabricPortCounters DataFabricCore::counters(unsigned port) const {
    FabricPortCounters counters = ports_[port].counters;
    counters.busy = ports_[port].timeline.busy();
    return counters;
}

} // namespace gradus::ip
