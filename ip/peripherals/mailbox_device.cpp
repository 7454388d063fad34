// SPDX-License-Identifier: Apache-2.0
#include "ip/peripherals/mailbox_device.h"

namespace gradus::ip {

Mailbox::Mailbox(sc_core::sc_module_name name, Clock clock, Receiver receive)
    : sc_module(name), registers("registers"), clock_(clock), receive_(std::move(receive)) {
    registers.register_b_transport(this, &Mailbox::transport);
}

void Mailbox::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    serve_registers(payload, delay, clock_, [this](RegisterAccess& a) { return access(a); });
}

tlm::tlm_response_status Mailbox::access(RegisterAccess& access) {
    if (access.offset / 8 * 8 > MAILBOX_SEND) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (access.bytes != 8) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (!access.write) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (access.offset != MAILBOX_SEND) {
        arguments_[access.offset / 8] = access.value;
        return tlm::TLM_OK_RESPONSE;
    }
    if (access.value < MAILBOX_EXIT || access.value > MAILBOX_VALIDATION) return tlm::TLM_GENERIC_ERROR_RESPONSE;
    receive_(access.value, arguments_[0], arguments_[1]);
    return tlm::TLM_OK_RESPONSE;
}

} // namespace gradus::ip
