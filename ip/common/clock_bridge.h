// SPDX-License-Identifier: Apache-2.0
// Between an initiator and a target of different clocks: a transaction crosses into the target's clock before the
// target sees it, and its answer crosses back; see clock_crossing.h. The initiator waits for the first and finds the
// second in the delay, so that what a target does at the call it does at its own time. Any number of transactions may
// be under way; they come out in the order in which they went in, one in each cycle of the target's clock. DMI is
// denied; debug accesses pass.
#pragma once

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "ip/common/timeline.h"

namespace gradus::ip {

class ClockBridge : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<ClockBridge> in;     ///< on the clock `from`; its b_transport waits
    tlm_utils::simple_initiator_socket<ClockBridge> out; ///< on the clock `to`

    ClockBridge(sc_core::sc_module_name name, Clock from, Clock to, Cycles synchroniser_cycles);

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(tlm::tlm_generic_payload& payload) { return out->transport_dbg(payload); }

    const Clock from_, to_;
    const Cycles synchroniser_cycles_;
    Timeline crossed_;
};

} // namespace gradus::ip
