// SPDX-License-Identifier: Apache-2.0
// Off-chip DRAM: any number of ports onto the channels of dram_core.h.
// Addresses are offsets from the first byte. DMI is denied: accesses here are timed. Errors: see ip/common/transport.h.
#pragma once

#include <systemc>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include "ip/common/storage.h"
#include "ip/memory/dram_core.h"
#include "ip/memory/timed_access.h"

namespace gradus::ip {

class Dram : public sc_core::sc_module {
public:
    tlm_utils::multi_passthrough_target_socket<Dram> ports;

    Dram(sc_core::sc_module_name name, const DramParameters& parameters);

    MemoryCounters counters() const { return access_.counters(); }
    Storage& storage() { return storage_; }

private:
    void transport(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(int port, tlm::tlm_generic_payload& payload);
    bool direct_memory(int port, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

    Storage storage_;
    DramCore core_;
    TimedAccess access_;
};

} // namespace gradus::ip
