// SPDX-License-Identifier: Apache-2.0
#include "ip/common/clock_bridge.h"

#include "ip/common/clock_crossing.h"
#include "ip/common/transport.h"

namespace gradus::ip {

ClockBridge::ClockBridge(sc_core::sc_module_name name, Clock from, Clock to, Cycles synchroniser_cycles)
    : sc_module(name), in("in"), out("out"), from_(from), to_(to), synchroniser_cycles_(synchroniser_cycles) {
    in.register_b_transport(this, &ClockBridge::transport);
    in.register_transport_dbg(this, &ClockBridge::transport_debug);
}

void ClockBridge::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const Picoseconds synchronised = cross(now() + to_picoseconds(delay), from_, to_, synchroniser_cycles_);
    const Picoseconds arrival = crossed_.reserve(synchronised, to_.period);
    wait_until(arrival);
    delay = sc_core::SC_ZERO_TIME;
    out->b_transport(payload, delay);
    payload.set_dmi_allowed(false);
    delay = to_time(cross(now() + to_picoseconds(delay), to_, from_, synchroniser_cycles_) - now());
}

} // namespace gradus::ip
