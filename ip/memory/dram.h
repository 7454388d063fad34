// SPDX-License-Identifier: Apache-2.0
// Dram: the off-chip DRAM as a SystemC module. Any number of ports lead to one controller (dram_controller_core.h).
//
// When an access is complete. A read is complete when its last data have arrived. A write is posted: it is complete one
// cycle of the DRAM's clock after the write queue has accepted its last burst. The queue accepts a burst at once unless
// it is full. A later read of a queued burst is answered from the queue. Bytes are copied during the call itself. So
// data follow the order of the calls, whatever the timing is.
//
// How time is decided. The controller decides in hindsight. A command at time `t` depends only on requests that have
// arrived by `t`, and all of these are known once the kernel's time has passed `t`. An initiator cannot go on before
// its data have moved, so it loses nothing by waiting. A request therefore sleeps until the earliest moment at which
// the controller could release any request. At that moment the controller decides everything that happens before it.
// Bursts and commands need no kernel events, and a transaction usually needs less than one. Requests that arrive in
// the same cycle are served as if they had arrived in the order of their calls. On the chip the fabric decides that
// order by its rule, and not the kernel.
//
// Example: DDR4-2400, 64 bytes, every bank closed and every queue empty. A write is complete after 1 cycle. A read is
// complete after 17 (ACT to RD) + 17 (RD to data) + 4 (the data) = 38 cycles. The parameter front_end is added to both.
//
// A request of more than 64 KiB is served in pieces of 64 KiB, one after the other. Addresses are offsets from the
// first byte. DMI is denied, because accesses here take time. Errors: see ip/common/transport.h.
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
    tlm_utils::multi_passthrough_target_socket<Dram> ports; ///< a call of b_transport may wait()

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
    mutable DramControllerCore core_; ///< counters() lets it decide what is past
    TimedAccess access_;
    std::deque<sc_core::sc_event> waiting_; ///< wakes a request; indexed by its id
    sc_core::sc_event decision_;
    Picoseconds decision_at_ = DramControllerCore::never;
};

} // namespace gradus::ip
