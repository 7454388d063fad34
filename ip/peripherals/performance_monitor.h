// SPDX-License-Identifier: Apache-2.0
// The performance monitor: clock cycles, and what the command queues have done so far. Registers: perfmon.h.
#pragma once

#include <functional>
#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "ip/common/command_queue.h"
#include "ip/common/register_access.h"
#include "ip/peripherals/perfmon.h"

namespace gradus::ip {

class PerformanceMonitor : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<PerformanceMonitor> registers; ///< PERFMON_REGISTER_BYTES

    /// `state` is asked for queues 0 to `queues` - 1.
    PerformanceMonitor(sc_core::sc_module_name name, Clock clock, unsigned queues,
                       std::function<QueueState(unsigned)> state);

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    tlm::tlm_response_status access(RegisterAccess& access) const;
    std::uint64_t counter(const QueueState& state, std::uint64_t offset) const;

    const Clock clock_;
    const unsigned queues_;
    std::function<QueueState(unsigned)> state_;
};

} // namespace gradus::ip
