// SPDX-License-Identifier: Apache-2.0
// The hart's SRAM: code, data and descriptor rings, with two ports.
//
// hart_port adds no delay: what a load or store in SRAM costs stands in the hart's own cycle table. It grants DMI to
// all of the memory, for reads and writes, with latencies of zero for the same reason. fabric_port is timed, see
// sram_port_core.h. Addresses on both are offsets from the first byte. Errors: see ip/common/transport.h.
#pragma once

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "ip/common/storage.h"
#include "ip/memory/sram_port_core.h"
#include "ip/memory/timed_access.h"

namespace gradus::ip {

class Sram : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<Sram> hart_port;
    tlm_utils::simple_target_socket<Sram> fabric_port;

    Sram(sc_core::sc_module_name name, const SramParameters& parameters, Clock clock);

    /// Of fabric_port alone: the hart's accesses go past the model when it uses DMI.
    MemoryCounters counters() const { return access_.counters(); }
    Storage& storage() { return storage_; }

private:
    void hart_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void fabric_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(tlm::tlm_generic_payload& payload);
    bool direct_memory(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

    Storage storage_;
    SramPortCore core_;
    TimedAccess access_;
};

} // namespace gradus::ip
