// SPDX-License-Identifier: Apache-2.0
#include "ip/peripherals/uart_device.h"

namespace gradus::ip {

Uart::Uart(sc_core::sc_module_name name, Clock clock, std::function<void(char)> transmit)
    : sc_module(name), registers("registers"), clock_(clock), transmit_(std::move(transmit)) {
    registers.register_b_transport(this, &Uart::transport);
}

void Uart::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    serve_registers(payload, delay, clock_, [this](RegisterAccess& a) { return access(a); });
}

tlm::tlm_response_status Uart::access(RegisterAccess& access) {
    if (access.offset != UART_TRANSMIT && access.offset != UART_LINE_STATUS) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (access.bytes != 1) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (access.write != (access.offset == UART_TRANSMIT)) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (access.write)
        transmit_(static_cast<char>(access.value));
    else
        access.value = UART_LINE_READY;
    return tlm::TLM_OK_RESPONSE;
}

} // namespace gradus::ip
