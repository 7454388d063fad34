// SPDX-License-Identifier: Apache-2.0
// The banked scratchpad next to the compute units: every binding of `ports` is a port; see scratchpad_core.h.
// Addresses are offsets from the first byte. DMI is denied: accesses here are timed. Errors: see ip/common/transport.h.
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
    /// By port, in the order of binding.
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
