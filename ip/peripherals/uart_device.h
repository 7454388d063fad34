// SPDX-License-Identifier: Apache-2.0
// A UART that transmits in no time: every character written reaches the callback at once. Registers: uart.h.
// Not modelled: baud rate, the receiver, interrupts.
#pragma once

#include <functional>
#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "ip/common/register_access.h"
#include "ip/peripherals/uart.h"

namespace gradus::ip {

class Uart : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<Uart> registers; ///< UART_REGISTER_BYTES

    Uart(sc_core::sc_module_name name, Clock clock, std::function<void(char)> transmit);

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    tlm::tlm_response_status access(RegisterAccess& access);

    const Clock clock_;
    std::function<void(char)> transmit_;
};

} // namespace gradus::ip
