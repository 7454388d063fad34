// SPDX-License-Identifier: Apache-2.0
// Sram: the hart's SRAM as a SystemC module. It holds code, data and descriptor rings, and has two ports.
//
// hart_port adds no delay, because the cost of a load or a store in SRAM stands in the hart's own cycle table. For the
// same reason it grants DMI to the whole memory, for reads and writes, with latencies of zero. fabric_port takes time;
// sram_port_core.h computes it. Addresses on both ports are offsets from the first byte. Errors: see
// ip/common/transport.h.
//
// Example: a port of 16 bytes a cycle, a latency of 1 cycle. 128 bytes through fabric_port take 8 + 1 = 9 cycles. The
// same bytes through hart_port add no delay to the transaction.
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

    /// Returns the counters of fabric_port alone: with DMI the hart's accesses do not pass this module.
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
