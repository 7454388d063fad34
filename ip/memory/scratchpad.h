// SPDX-License-Identifier: Apache-2.0
// Scratchpad: the banked memory next to the compute units, as a SystemC module. Every initiator that is bound to
// `ports` gets a port of its own. scratchpad_core.h computes the timing.
//
// Addresses are offsets from the first byte. DMI is denied, because accesses here take time. Errors: see
// ip/common/transport.h.
//
// Example: the first unit bound is port 0 and the second is port 1. When port 1 has read 64 bytes in one transaction,
// the entry of port 1 in traffic() has counted 64 bytes read, and counters() has counted one read.
#pragma once

#include <systemc>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include "ip/common/storage.h"
#include "ip/common/traffic.h"
#include "ip/memory/scratchpad_core.h"
#include "ip/memory/timed_access.h"

namespace gradus::ip {

class Scratchpad : public sc_core::sc_module {
public:
    tlm_utils::multi_passthrough_target_socket<Scratchpad> ports;

    Scratchpad(sc_core::sc_module_name name, const ScratchpadParameters& parameters, Clock clock);

    MemoryCounters counters() const { return access_.counters(); }
    /// Returns the traffic by port. Ports are numbered in the order of binding.
    const TrafficByInitiator& traffic() const { return traffic_; }
    Storage& storage() { return storage_; }

private:
    void transport(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(int port, tlm::tlm_generic_payload& payload);
    bool direct_memory(int port, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

    Storage storage_;
    ScratchpadCore core_;
    TimedAccess access_;
    TrafficByInitiator traffic_;
};

} // namespace gradus::ip
