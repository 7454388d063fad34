// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/dram.h"

#include "ip/common/transport.h"

namespace gradus::ip {

Dram::Dram(sc_core::sc_module_name name, const DramParameters& parameters)
    : sc_module(name), ports("ports"), storage_(parameters.bytes), core_(parameters), access_(storage_, core_) {
    ports.register_b_transport(this, &Dram::transport);
    ports.register_transport_dbg(this, &Dram::transport_debug);
    ports.register_get_direct_mem_ptr(this, &Dram::direct_memory);
}

void Dram::transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    access_.transport(payload, delay);
}

unsigned Dram::transport_debug(int, tlm::tlm_generic_payload& payload) {
    return serve_debug(payload, payload.get_address(), storage_);
}

bool Dram::direct_memory(int, tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    dmi.init();
    dmi.set_end_address(~sc_dt::uint64{0});
    return false;
}

} // namespace gradus::ip
