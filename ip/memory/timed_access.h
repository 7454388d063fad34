// SPDX-License-Identifier: Apache-2.0
// TimedAccess: one timed access to a memory. The scratchpad, the SRAM's fabric port and the DRAM share it.
#pragma once

#include <systemc>
#include <tlm>

#include "ip/common/storage.h"
#include "ip/memory/memory_timing.h"

namespace gradus::ip {

/// What stands behind the sockets of a memory: its bytes, its timing and its counters.
///
/// Addresses are offsets from the memory's first byte; whoever decodes addresses subtracts the base. A payload arrives
/// at sc_time_stamp() + delay, with the delay that the caller gives. It is complete at sc_time_stamp() + delay, with
/// the delay that transport() leaves behind. The data are copied during the call. A refused access takes no time and
/// occupies nothing.
///
/// Example: the SRAM's port at 1 GHz, 16 bytes a cycle, a latency of 1 cycle. A read of 16 bytes comes with a delay of
/// 2 ns. One cycle for the bytes and one of latency follow: transport() leaves a delay of 4 ns.
class TimedAccess {
public:
    TimedAccess(Storage& storage, MemoryTiming& timing) : storage_(storage), timing_(timing) {}

    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    MemoryCounters counters() const;

private:
    Storage& storage_;
    MemoryTiming& timing_;
    MemoryCounters counters_;
};

} // namespace gradus::ip
