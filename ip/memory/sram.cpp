// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/sram.h"

#include "ip/common/transport.h"

namespace gradus::ip {

Sram::Sram(sc_core::sc_module_name name, const SramParameters& parameters, Clock clock)
    : sc_module(name), hart_port("hart_port"), fabric_port("fabric_port"), storage_(parameters.bytes),
      core_(parameters, clock), access_(storage_, core_) {
    hart_port.register_b_transport(this, &Sram::hart_transport);
    hart_port.register_transport_dbg(this, &Sram::transport_debug);
    hart_port.register_get_direct_mem_ptr(this, &Sram::direct_memory);
    fabric_port.register_b_transport(this, &Sram::fabric_transport);
    fabric_port.register_transport_dbg(this, &Sram::transport_debug);
}

void Sram::hart_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    payload.set_dmi_allowed(serve(payload, payload.get_address(), storage_));
}

void Sram::fabric_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    access_.transport(payload, delay);
}

unsigned Sram::transport_debug(tlm::tlm_generic_payload& payload) {
    return serve_debug(payload, payload.get_address(), storage_);
}

bool Sram::direct_memory(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
    dmi.set_start_address(0);
    dmi.set_end_address(storage_.bytes() - 1);
    dmi.set_read_latency(sc_core::SC_ZERO_TIME);
    dmi.set_write_latency(sc_core::SC_ZERO_TIME);
    dmi.set_dmi_ptr(storage_.data());
    dmi.allow_read_write();
    if (payload.get_address() < storage_.bytes()) return true;
    dmi.set_start_address(storage_.bytes()); // the region that is denied
    dmi.set_end_address(~sc_dt::uint64{0});
    dmi.set_dmi_ptr(nullptr);
    dmi.allow_none();
    return false;
}

} // namespace gradus::ip
