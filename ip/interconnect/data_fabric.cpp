// SPDX-License-Identifier: Apache-2.0
#include "ip/interconnect/data_fabric.h"

#include <algorithm>

#include "ip/common/transport.h"

namespace gradus::ip {

namespace {

/// Whether another process has yet to run at this instant. If none has, no further request can come in it.
bool others_are_due() { return sc_core::sc_pending_activity_at_current_time(sc_core::sc_get_curr_simcontext()); }

} // namespace

DataFabric::DataFabric(sc_core::sc_module_name name, const FabricParameters& parameters, Clock clock)
    : sc_module(name), in("in"), out("out"), core_(parameters, clock) {
    in.register_b_transport(this, &DataFabric::transport);
    in.register_transport_dbg(this, &DataFabric::transport_debug);
    in.register_get_direct_mem_ptr(this, &DataFabric::direct_memory);
}

void DataFabric::end_of_elaboration() {
    if (core_.ports() != out.size()) SC_REPORT_FATAL(name(), "every target needs exactly one address range");
}

void DataFabric::transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const Picoseconds arrival = core_.edge(now() + to_picoseconds(delay));
    wait_until(arrival);

    const std::uint64_t address = payload.get_address();
    const Bytes bytes = payload.get_data_length();
    const auto index = core_.find(address, bytes);
    if (!index) {
        delay = to_time(core_.latency());
        return payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
    FabricPort& port = core_.port(*index);
    const std::uint64_t offset = address - port.range().base;
    const Picoseconds beats = port.beats(offset, bytes);
    take_turn(port, {static_cast<unsigned>(initiator), arrival, sc_core::sc_delta_count(), beats});

    const Picoseconds way_there = core_.latency() - core_.way_back();
    const Picoseconds passed = now() + way_there + beats;
    delay = to_time(way_there);
    payload.set_address(offset);
    out[static_cast<int>(*index)]->b_transport(payload, delay);
    payload.set_address(address);
    payload.set_dmi_allowed(false);
    if (payload.is_response_ok()) port.count(static_cast<unsigned>(initiator), bytes, payload.is_write());

    const Picoseconds end = core_.edge(std::max(now() + to_picoseconds(delay), passed)) + core_.way_back();
    if (port.answered(end)) wake_when_ready(port);
    delay = to_time(end - now());
}

/// Returns when the port is taken for the request.
void DataFabric::take_turn(FabricPort& port, const FabricRequest& request) {
    if (!port.anyone_waits() && port.ready(now()) <= now() && !others_are_due()) return port.pass(request, now());
    Waiting& own = borrow(request);
    port.enqueue(own);
    if (&port.longest_waiting() == &own) wake_when_ready(port);
    while (!own.passes) {
        wait(own.wake);
        if (!own.passes) decide(port, own);
    }
    give_back(own);
}

/// `own` has waited for longest, and the port has become free.
void DataFabric::decide(FabricPort& port, Waiting& own) {
    const Picoseconds present = now();
    if (port.ready(present) <= present) {
        auto& next = static_cast<Waiting&>(port.pass_next(sc_core::sc_delta_count(), present));
        next.passes = true;
        if (&next != &own) next.wake.notify();
    }
    if (port.anyone_waits()) wake_when_ready(port);
}

void DataFabric::wake_when_ready(FabricPort& port) {
    const Picoseconds ready = port.ready(now());
    if (ready == FabricPort::unknown) return; // until an answer comes
    auto& next = static_cast<Waiting&>(port.longest_waiting());
    next.wake.notify(ready > now() ? to_time(ready - now()) : sc_core::SC_ZERO_TIME);
}

DataFabric::Waiting& DataFabric::borrow(const FabricRequest& request) {
    if (unused_.empty()) unused_.push_back(&pool_.emplace_back());
    Waiting& waiting = *unused_.back();
    unused_.pop_back();
    static_cast<FabricRequest&>(waiting) = request;
    waiting.passes = false;
    return waiting;
}

void DataFabric::give_back(Waiting& waiting) {
    waiting.wake.cancel();
    unused_.push_back(&waiting);
}

unsigned DataFabric::transport_debug(int, tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    const auto port = core_.find(address, 1);
    if (!port) return 0;
    payload.set_address(address - core_.port(*port).range().base);
    const unsigned moved = out[static_cast<int>(*port)]->transport_dbg(payload);
    payload.set_address(address);
    return moved;
}

bool DataFabric::direct_memory(int, tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    dmi.init();
    return false;
}

} // namespace gradus::ip
