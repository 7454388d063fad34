// SPDX-License-Identifier: Apache-2.0
// Software and timer interrupt of one hart. Registers: clint.h. mtime is the number of whole clock cycles since the
// start of the simulation; the timer line rises in the very cycle mtimecmp. After reset mtimecmp is the largest number:
// no interrupt.
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "ip/common/register_access.h"
#include "ip/peripherals/clint.h"

namespace gradus::ip {

class Clint : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<Clint> registers; ///< CLINT_REGISTER_BYTES
    sc_core::sc_out<bool> software_interrupt, timer_interrupt;

    Clint(sc_core::sc_module_name name, Clock clock);

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    tlm::tlm_response_status access(RegisterAccess& access);
    void drive_lines();

    const Clock clock_;
    std::uint64_t compare_ = ~std::uint64_t{0};
    bool software_ = false;
    sc_core::sc_event changed_;
};

} // namespace gradus::ip
