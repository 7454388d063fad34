// SPDX-License-Identifier: Apache-2.0
// The mailbox to the world outside the chip. Registers and messages: mailbox.h. A message of an unknown kind is an
// error.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "ip/common/register_access.h"
#include "ip/peripherals/mailbox.h"

namespace gradus::ip {

class Mailbox : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<Mailbox> registers; ///< MAILBOX_REGISTER_BYTES

    /// `kind` is one of MAILBOX_*. Called from inside the initiator's access.
    using Receiver = std::function<void(std::uint64_t kind, std::uint64_t argument0, std::uint64_t argument1)>;

    Mailbox(sc_core::sc_module_name name, Clock clock, Receiver receive);

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    tlm::tlm_response_status access(RegisterAccess& access);

    const Clock clock_;
    Receiver receive_;
    std::array<std::uint64_t, 2> arguments_{};
};

} // namespace gradus::ip
