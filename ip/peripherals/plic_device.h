// SPDX-License-Identifier: Apache-2.0
// The platform-level interrupt controller: PlicCore behind registers (plic.h) and lines.
#pragma once

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "ip/common/register_access.h"
#include "ip/peripherals/plic_core.h"

namespace gradus::ip {

class Plic : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<Plic> registers;  ///< PLIC_REGISTER_BYTES
    sc_core::sc_vector<sc_core::sc_in<bool>> sources; ///< sources[i] is source number i + 1; all must be bound
    sc_core::sc_out<bool> external_interrupt;

    /// Throws std::invalid_argument for more than 63 sources.
    Plic(sc_core::sc_module_name name, Clock clock, unsigned source_count);

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    tlm::tlm_response_status access(RegisterAccess& access);
    void read(RegisterAccess& access);
    void write(const RegisterAccess& access);
    void sample_sources();
    void drive_line();

    const Clock clock_;
    PlicCore core_;
    sc_core::sc_event changed_;
};

} // namespace gradus::ip
