// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/scratchpad.h"

#include "ip/common/transport.h"

namespace gradus::ip {

Scratchpad::Scratchpad(sc_core::sc_module_name name, const ScratchpadParameters& parameters, Clock clock)
    : sc_module(name), ports("ports"), storage_(parameters.bytes), core_(parameters, clock), access_(storage_, core_) {
    ports.register_b_transport(this, &Scratchpad::transport);
    ports.register_transport_dbg(this, &Scratchpad::transport_debug);
    ports.register_get_direct_mem_ptr(this, &Scratchpad::direct_memory);
}

void Scratchpad::transport(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    access_.transport(payload, delay);
    if (payload.is_response_ok())
        traffic_.count(static_cast<unsigned>(port), payload.get_data_length(), payload.is_write());
}

unsigned Scratchpad::transport_debug(int, tlm::tlm_generic_payload& payload) {
    return serve_debug(payload, payload.get_address(), storage_);
}

bool Scratchpad::direct_memory(int, tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    dmi.init();
    dmi.set_end_address(~sc_dt::uint64{0});
    return false;
}

} // namespace gradus::ip
