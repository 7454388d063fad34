// SPDX-License-Identifier: Apache-2.0
#include "ip/interconnect/data_fabric.h"

#include <algorithm>

#include "ip/common/transport.h"

namespace gradus::ip {

DataFabric::DataFabric(sc_core::sc_module_name name, const FabricParameters& parameters, Clock clock)
    : sc_module(name), in("in"), out("out"), core_(parameters, clock) {
    in.register_b_transport(this, &DataFabric::transport);
    in.register_transport_dbg(this, &DataFabric::transport_debug);
    in.register_get_direct_mem_ptr(this, &DataFabric::direct_memory);
}

void DataFabric::end_of_elaboration() {
    if (core_.ports() != out.size()) SC_REPORT_FATAL(name(), "every target needs exactly one address range");
}

void DataFabric::transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const std::uint64_t address = payload.get_address();
    const Bytes bytes = payload.get_data_length();
    const auto port = core_.find(address, bytes);
    if (!port) {
        delay += to_time(core_.latency());
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    const Picoseconds start = wait_for_port(*port, now() + to_picoseconds(delay), bytes);

    delay = to_time(start + core_.latency() - now());
    payload.set_address(address - core_.range(*port).base);
    out[static_cast<int>(*port)]->b_transport(payload, delay);
    payload.set_address(address);
    payload.set_dmi_allowed(false);
    if (payload.is_response_ok()) core_.count(*port, bytes, payload.is_write());

    const Picoseconds served = now() + to_picoseconds(delay);
    const Picoseconds passed = start + core_.latency() + core_.beats(bytes);
    delay = to_time(core_.edge(std::max(served, passed)) - now());
}

Picoseconds DataFabric::wait_for_port(unsigned port, Picoseconds arrival, Bytes bytes) {
    const Picoseconds start = core_.reserve(port, arrival, bytes);
    if (start > arrival) wait(to_time(start - now()));
    return start;
}

unsigned DataFabric::transport_debug(int, tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    const auto port = core_.find(address, 1);
    if (!port) return 0;
    payload.set_address(address - core_.range(*port).base);
    const unsigned moved = out[static_cast<int>(*port)]->transport_dbg(payload);
    payload.set_address(address);
    return moved;
}

bool DataFabric::direct_memory(int, tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    dmi.init();
    return false;
}

} // namespace gradus::ip
