// SPDX-License-Identifier: Apache-2.0
// A timed access to a memory, shared by the shells of this folder.
#pragma once

#include <systemc>
#include <tlm>

#include "ip/common/storage.h"
#include "ip/memory/memory_timing.h"

namespace gradus::ip {

/// Bytes, timing and counters behind a memory's sockets.
///
/// Addresses are offsets from the memory's first byte; whoever decodes addresses subtracts the base. The payload
/// arrives at sc_time_stamp() + delay and is complete at sc_time_stamp() + delay afterwards. Data moves at the call. A
/// refused access takes no time and occupies nothing.
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
