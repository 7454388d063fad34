// SPDX-License-Identifier: Apache-2.0
// The data fabric: a crossbar between the units that move data and the memories.
//
// Every target has a port, a timeline that moves port_bytes a cycle, reads and writes together, first come first
// served. A request that finds the port taken is held there until its turn, so that targets see requests in the order
// of time and not of arrival at a queue. Its head then reaches the target `latency` cycles later (there and back,
// counted once). It is complete when the target is, but not before its own last beat has passed the port: latency adds
// along the way, occupancy is what the slowest resource takes. Answers are passed on at edges of the fabric's clock, so
// that the DRAM's own clock does not leak into the units.
//
// Targets get offsets from the base of their range; the initiator gets its address back. An access that no range holds
// entirely is answered with TLM_ADDRESS_ERROR_RESPONSE after `latency`. Debug accesses are forwarded. DMI is denied:
// what is shared is accessed in time. Not modelled: limits of an initiator's own port; a read's beats occupy the port
// when the request passes, not when the data come back; priorities.
#pragma once

#include <systemc>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include "ip/interconnect/data_fabric_core.h"

namespace gradus::ip {

class DataFabric : public sc_core::sc_module {
public:
    tlm_utils::multi_passthrough_target_socket<DataFabric> in;     ///< initiators; its b_transport may wait()
    tlm_utils::multi_passthrough_initiator_socket<DataFabric> out; ///< targets

    DataFabric(sc_core::sc_module_name name, const FabricParameters& parameters, Clock clock);

    /// The range of the i-th target bound to `out`, in the order of binding. See DataFabricCore::map for errors.
    void map(const AddressRange& range) { core_.map(range); }
    FabricPortCounters counters(unsigned port) const { return core_.counters(port); }

private:
    void end_of_elaboration() override;
    void transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(int initiator, tlm::tlm_generic_payload& payload);
    bool direct_memory(int initiator, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
    Picoseconds wait_for_port(unsigned port, Picoseconds arrival, Bytes bytes);

    DataFabricCore core_;
};

} // namespace gradus::ip
