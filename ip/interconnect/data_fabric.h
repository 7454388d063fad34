// SPDX-License-Identifier: Apache-2.0
// The data fabric: a crossbar between the units that move data and the memories.
//
// Every target has a port (fabric_port.h), as wide as it was mapped. A transaction that finds the port taken, or full,
// is held at its initiator's side until its turn; who is next is decided when the port becomes free, by the rule of
// FabricParameters.arbitration. Requests that come to an idle port at the same instant are collected, and decided a
// delta cycle later, so that the rule decides and not the order in which the kernel runs processes. One that comes
// alone passes at once, which is the same.
//
// The head of a transaction reaches the target `latency` - 1 cycles after it began to pass; the last cycle of `latency`
// is the answer's. It is complete when the target is, but not before its own last beat has passed the port: latency
// adds along the way, occupancy is what the slowest resource takes. Requests are taken over, and answers passed on, at
// edges of the fabric's clock. Targets get offsets from the base of their range; the initiator gets its address back.
// An access that no range holds entirely is answered with TLM_ADDRESS_ERROR_RESPONSE after `latency`. Debug accesses
// are forwarded. DMI is denied: what is shared is accessed in time.
//
// Not modelled: limits of an initiator's own port, which are the initiator's; a read's beats occupy the port when the
// request passes, not when the data come back; reads and writes share a port's beats; arbitration between the beats of
// two transactions. What something else sets off later within the same instant, and what the hart does, which is last
// at each instant, comes after the decision.
#pragma once

#include <deque>
#include <systemc>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "ip/interconnect/data_fabric_core.h"

namespace gradus::ip {

class DataFabric : public sc_core::sc_module {
public:
    /// Initiators; the order of binding is their order for the arbitration. Its b_transport may wait().
    tlm_utils::multi_passthrough_target_socket<DataFabric> in;
    tlm_utils::multi_passthrough_initiator_socket<DataFabric> out; ///< targets

    DataFabric(sc_core::sc_module_name name, const FabricParameters& parameters, Clock clock);

    /// The range and width of the i-th target bound to `out`, in the order of binding. See DataFabricCore::map.
    void map(const AddressRange& range, Bytes port_bytes = 0) { core_.map(range, port_bytes); }
    const FabricPortCounters& counters(unsigned port) const { return core_.port(port).counters(); }
    /// What passed a port, by initiator in the order of binding.
    const TrafficByInitiator& traffic(unsigned port) const { return core_.port(port).traffic(); }

private:
    struct Waiting : FabricRequest {
        sc_core::sc_event wake; ///< its turn has come, or it is to find out whose has
        bool passes = false;
    };

    void end_of_elaboration() override;
    void transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(int initiator, tlm::tlm_generic_payload& payload);
    bool direct_memory(int initiator, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

    void take_turn(FabricPort& port, const FabricRequest& request);
    void decide(FabricPort& port, Waiting& own);
    void wake_when_ready(FabricPort& port);
    Waiting& borrow(const FabricRequest& request);
    void give_back(Waiting& waiting);

    DataFabricCore core_;
    std::deque<Waiting> pool_;
    std::vector<Waiting*> unused_;
};

} // namespace gradus::ip
