// SPDX-License-Identifier: Apache-2.0
#include "ip/peripherals/clint_device.h"

namespace gradus::ip {

Clint::Clint(sc_core::sc_module_name name, Clock clock)
    : sc_module(name), registers("registers"), software_interrupt("software_interrupt"),
      timer_interrupt("timer_interrupt"), clock_(clock) {
    registers.register_b_transport(this, &Clint::transport);
    SC_HAS_PROCESS(Clint);
    SC_METHOD(drive_lines);
    sensitive << changed_;
}

void Clint::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    serve_registers(payload, delay, clock_, [this](RegisterAccess& a) { return access(a); });
}

tlm::tlm_response_status Clint::access(RegisterAccess& access) {
    const std::uint64_t offset = access.offset;
    if (offset == CLINT_MSIP) {
        if (access.bytes != 4) return tlm::TLM_BURST_ERROR_RESPONSE;
        if (access.write) {
            software_ = access.value & 1;
            changed_.notify(sc_core::SC_ZERO_TIME);
        } else {
            access.value = software_;
        }
        return tlm::TLM_OK_RESPONSE;
    }
    if (offset / 8 * 8 == CLINT_MTIME) {
        if (access.write) return tlm::TLM_COMMAND_ERROR_RESPONSE;
        return read_wide(access, clock_.floor_cycles(access.time)) ? tlm::TLM_OK_RESPONSE
                                                                   : tlm::TLM_BURST_ERROR_RESPONSE;
    }
    if (offset / 8 * 8 != CLINT_MTIMECMP) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (!access.write) return read_wide(access, compare_) ? tlm::TLM_OK_RESPONSE : tlm::TLM_BURST_ERROR_RESPONSE;
    if (!write_wide(access, compare_)) return tlm::TLM_BURST_ERROR_RESPONSE;
    changed_.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_OK_RESPONSE;
}

void Clint::drive_lines() {
    software_interrupt.write(software_);
    const bool due = clock_.floor_cycles(now()) >= compare_;
    timer_interrupt.write(due);
    // A moment that simulated time cannot express never comes.
    const bool representable = compare_ <= clock_.floor_cycles(~Picoseconds{0});
    changed_.cancel();
    if (!due && representable) changed_.notify(to_time(clock_(compare_) - now()));
}

} // namespace gradus::ip
