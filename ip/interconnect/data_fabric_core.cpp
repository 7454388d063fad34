// SPDX-License-Identifier: Apache-2.0
#include "ip/interconnect/data_fabric_core.h"

#include <stdexcept>

namespace gradus::ip {

void DataFabricCore::map(const AddressRange& range, Bytes port_bytes) {
    if (range.bytes == 0 || range.base + (range.bytes - 1) < range.base)
        throw std::invalid_argument("data fabric: an address range is empty or wraps around");
    for (const FabricPort& port : ports_)
        if (port.range().contains(range.base) || range.contains(port.range().base))
            throw std::invalid_argument("data fabric: two address ranges overlap");
    ports_.emplace_back(range, port_bytes ? port_bytes : parameters_.port_bytes, parameters_, clock_);
}

std::optional<unsigned> DataFabricCore::find(std::uint64_t address, Bytes bytes) const {
    for (unsigned port = 0; port < ports(); ++port)
        if (ports_[port].range().contains(address, bytes)) return port;
    return {};
}

} // namespace gradus::ip
