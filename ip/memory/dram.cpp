// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/dram.h"

#include <algorithm>

#include "ip/common/transport.h"

namespace gradus::ip {

namespace {

constexpr Bytes largest_piece = 64 << 10;

} // namespace

Dram::Dram(sc_core::sc_module_name name, const DramParameters& parameters)
    : sc_module(name), ports("ports"), storage_(parameters.bytes), core_(parameters), access_(storage_, *this) {
    ports.register_b_transport(this, &Dram::transport);
    ports.register_transport_dbg(this, &Dram::transport_debug);
    ports.register_get_direct_mem_ptr(this, &Dram::direct_memory);
    SC_HAS_PROCESS(Dram);
    SC_METHOD(decide);
    sensitive << decision_;
    dont_initialize();
}

MemoryCounters Dram::counters() const {
    core_.advance(now());
    MemoryCounters counters = access_.counters();
    counters.rows = core_.rows();
    counters.bursts = core_.bursts();
    return counters;
}

void Dram::transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    access_.transport(payload, delay);
}

unsigned Dram::transport_debug(int, tlm::tlm_generic_payload& payload) {
    return serve_debug(payload, payload.get_address(), storage_);
}

bool Dram::direct_memory(int, tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    dmi.init();
    dmi.set_end_address(~sc_dt::uint64{0});
    return false;
}

Picoseconds Dram::serve(const MemoryRequest& request) {
    MemoryRequest piece = request;
    const std::uint64_t end = request.offset + request.bytes;
    Picoseconds done = request.arrival;
    for (; piece.offset < end; piece.offset += piece.bytes) {
        piece.bytes = std::min(end - piece.offset, largest_piece);
        piece.arrival = done;
        done = serve_piece(piece);
    }
    return done;
}

Picoseconds Dram::serve_piece(const MemoryRequest& piece) {
    const DramControllerCore::Id id = core_.submit(piece, now());
    release();
    if (!core_.release(id)) {
        while (waiting_.size() <= id)
            waiting_.emplace_back();
        wait(waiting_[id]);
    }
    const Picoseconds released = *core_.release(id);
    core_.forget(id);
    return released;
}

void Dram::decide() {
    decision_at_ = DramControllerCore::never;
    core_.advance(now());
    release();
}

// Whoever is released may still have to wait, but knows for how long.
void Dram::release() {
    for (const DramControllerCore::Id id : core_.take_released())
        waiting_[id].notify();
    const Picoseconds next = std::max(core_.next_release(), now() + 1);
    if (next == decision_at_) return;
    decision_.cancel();
    decision_at_ = next;
    if (next != DramControllerCore::never) decision_.notify(to_time(next - now()));
}

} // namespace gradus::ip
