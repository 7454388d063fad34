// SPDX-License-Identifier: Apache-2.0
#include "ip/peripherals/performance_monitor.h"

namespace gradus::ip {

PerformanceMonitor::PerformanceMonitor(sc_core::sc_module_name name, Clock clock, unsigned queues,
                                       std::function<QueueState(unsigned)> state)
    : sc_module(name), registers("registers"), clock_(clock), queues_(queues), state_(std::move(state)) {
    registers.register_b_transport(this, &PerformanceMonitor::transport);
}

void PerformanceMonitor::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    serve_registers(payload, delay, clock_, [this](RegisterAccess& a) { return access(a); });
}

tlm::tlm_response_status PerformanceMonitor::access(RegisterAccess& access) const {
    const std::uint64_t queue_offset = access.offset - PERFMON_QUEUE;
    const bool of_queue = access.offset >= PERFMON_QUEUE && queue_offset / PERFMON_QUEUE_BYTES < queues_;
    if (!of_queue && access.offset / 8 * 8 != PERFMON_CYCLES) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (access.bytes != 8) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (access.write) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    access.value = of_queue ? counter(state_(static_cast<unsigned>(queue_offset / PERFMON_QUEUE_BYTES)),
                                      queue_offset % PERFMON_QUEUE_BYTES)
                            : clock_.floor_cycles(access.time);
    return tlm::TLM_OK_RESPONSE;
}

std::uint64_t PerformanceMonitor::counter(const QueueState& state, std::uint64_t offset) const {
    switch (offset) {
    case PERFMON_QUEUE_RETIRED:
        return state.before + state.retired;
    case PERFMON_QUEUE_BUSY:
        return clock_.floor_cycles(state.busy);
    case PERFMON_QUEUE_STALLED:
        return clock_.floor_cycles(state.stalled);
    default:
        return state.work;
    }
}

} // namespace gradus::ip
