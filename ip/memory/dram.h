// SPDX-License-Identifier: Apache-2.0
// Off-chip DRAM: any number of ports onto the controller of dram_controller_core.h.
//
// A read is complete with its last data. Writes are posted: a write is complete one cycle of the DRAM's clock after its
// last burst was accepted into the write queue, which is at once unless the queue is full; a later read of the same
// burst is answered from the queue. Bytes move at the call, so data are in the order of the calls, whatever the timing.
//
// The controller decides in hindsight. A command at `t` depends on requests that arrive until `t`, all of which are
// known once the kernel's time has passed `t`; and nobody can go on before the command's data have moved. So a request
// sleeps until the first moment at which some request may have been released, then everything before that moment is
// decided in one go. There is no kernel event for a burst or a command, usually less than one for a transaction, and
// nothing depends on the order of processes within an instant.
//
// Requests of more than 64 KiB are worked off in pieces of that size, one after the other. Addresses are offsets from
// the first byte. DMI is denied: accesses here are timed. Errors: see ip/common/transport.h.
#pragma once

#include <deque>
#include <systemc>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include "ip/common/storage.h"
#include "ip/memory/dram_controller_core.h"
#include "ip/memory/timed_access.h"

namespace gradus::ip {

class Dram : public sc_core::sc_module, private MemoryTiming {
public:
    tlm_utils::multi_passthrough_target_socket<Dram> ports; ///< its b_transport may wait()

    /// The parameters must have passed find_misfit().
    Dram(sc_core::sc_module_name name, const DramParameters& parameters);

    MemoryCounters counters() const;
    Storage& storage() { return storage_; }

private:
    void transport(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(int port, tlm::tlm_generic_payload& payload);
    bool direct_memory(int port, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

    Picoseconds serve(const MemoryRequest& request) override;
    Picoseconds serve_piece(const MemoryRequest& piece);
    Picoseconds busy() const override { return core_.busy(); }
    double peak_bytes_per_second() const override { return core_.peak_bytes_per_second(); }
    void decide();
    void release();

    Storage storage_;
    mutable DramControllerCore core_; ///< what is long past may be decided whenever somebody asks
    TimedAccess access_;
    std::deque<sc_core::sc_event> waiting_; ///< by id of the request
    sc_core::sc_event decision_;
    Picoseconds decision_at_ = DramControllerCore::never;
};

} // namespace gradus::ip
