// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/timed_access.h"

#include <algorithm>

#include "ip/common/transport.h"

namespace gradus::ip {

void TimedAccess::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const std::uint64_t offset = payload.get_address();
    const Bytes bytes = payload.get_data_length();
    if (!serve(payload, offset, storage_)) return;
    if (payload.is_read()) {
        ++counters_.reads;
        counters_.bytes_read += bytes;
    } else if (payload.is_write()) {
        ++counters_.writes;
        counters_.bytes_written += bytes;
    } else {
        return;
    }
    const Picoseconds completion = timing_.serve({now() + to_picoseconds(delay), offset, bytes, payload.is_write()});
    delay = to_time(completion - std::min(completion, now()));
}

MemoryCounters TimedAccess::counters() const {
    MemoryCounters counters = counters_;
    counters.busy = timing_.busy();
    counters.peak_bytes_per_second = timing_.peak_bytes_per_second();
    return counters;
}

} // namespace gradus::ip
