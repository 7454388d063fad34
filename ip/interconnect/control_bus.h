// SPDX-License-Identifier: Apache-2.0
// The control bus: decodes addresses and passes transactions on to devices and memories. Any number of initiators.
//
// Modelled: BusParameters.latency cycles on every access to a target that is not mapped as free of it. An access to an
// address where nothing is mapped, or one that reaches beyond its target's range, gets an address error; decoding takes
// the latency there too. Direct memory and debug access pass through; a granted region is translated back, cut to the
// mapped range, and its latencies include the bus's. Not modelled: contention (one hart, one access at a time).
#pragma once

#include <cstdint>
#include <string>
#include <systemc>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "ip/common/address_range.h"
#include "ip/common/transport.h"
#include "ip/interconnect/interconnect_parameters.h"

namespace gradus::ip {

/// What a target of the bus sees as address.
enum class BusAddress {
    offset, ///< from the start of its range: devices
    global, ///< the initiator's address
};
enum class BusLatency {
    charged,
    none, ///< the hart's SRAM: its latency is in HartParameters.load and .store
};

class ControlBus : public sc_core::sc_module {
public:
    tlm_utils::multi_passthrough_target_socket<ControlBus> initiators;

    ControlBus(sc_core::sc_module_name name, const BusParameters& parameters, Clock clock);

    /// Maps a range to a target's socket and binds them: `bus.map({base, bytes}, "uart", uart.registers)`. During
    /// elaboration. Throws std::invalid_argument for an empty range, one that wraps around, or one that overlaps
    /// another.
    template <class TargetSocket>
    void map(AddressRange range, const std::string& name, TargetSocket& target, BusAddress address = BusAddress::offset,
             BusLatency latency = BusLatency::charged) {
        add(range, name, address, latency);
        targets_.bind(target);
    }

    /// "uart+0x4" (or "uart"); empty where nothing is mapped.
    std::string name_at(std::uint64_t address) const;

private:
    struct Target {
        AddressRange range;
        std::string name;
        bool translate;
        sc_core::sc_time latency;
        int socket;
        std::uint64_t to_target(std::uint64_t address) const { return translate ? address - range.base : address; }
        std::uint64_t to_global(std::uint64_t address) const { return translate ? address + range.base : address; }
    };

    void add(AddressRange range, const std::string& name, BusAddress address, BusLatency latency);
    void transport(int id, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(int id, tlm::tlm_generic_payload& payload);
    bool direct_memory(int id, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
    void invalidate(int socket, sc_dt::uint64 first, sc_dt::uint64 last);
    const Target* target_at(std::uint64_t address) const;

    tlm_utils::multi_passthrough_initiator_socket<ControlBus> targets_;
    const sc_core::sc_time latency_;
    std::vector<Target> map_; ///< sorted by address
};

} // namespace gradus::ip
