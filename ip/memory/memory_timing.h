// SPDX-License-Identifier: Apache-2.0
// MemoryTiming: the interface between the sockets of a memory and the core that decides how long an access takes. Below
// it stand the counters that every memory keeps.
//
// Example: a scratchpad of 4 banks of 4 bytes at 1 GHz, with a latency of one cycle. A request of 64 bytes arrives at
// 0. Each bank serves 4 accesses, in 4 cycles. serve() returns 5000 ps: 4 cycles and the latency.
#pragma once

#include <cstdint>
#include <optional>

#include "ip/common/units.h"

namespace gradus::ip {

struct MemoryRequest {
    Picoseconds arrival = 0;  ///< when it reaches the memory: now or a little later
    std::uint64_t offset = 0; ///< from the memory's first byte
    Bytes bytes = 0;          ///< 1 or more, all inside the memory
    bool write = false;
};

/// The timing of one memory. The caller hands over requests in the order in which they were issued. serve() returns the
/// time at which the request is complete.
///
/// A memory that keeps this order computes the completion at once. A memory that reorders requests cannot. Its serve()
/// runs in the initiator's SystemC thread and may wait() until the completion is known. So callers must look at the
/// kernel's time again afterwards; the completion is never before that time.
class MemoryTiming {
public:
    virtual ~MemoryTiming() = default;
    virtual Picoseconds serve(const MemoryRequest& request) = 0;
    /// Returns the time that the data paths were occupied, averaged over banks or channels.
    virtual Picoseconds busy() const = 0;
    virtual double peak_bytes_per_second() const = 0;
};

/// What the row buffers of a DRAM did. Every burst is a hit (its row was open), a miss (no row was open) or a conflict
/// (another row was open). A read burst that the write queue answers is none of these.
struct DramRowCounters {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t refreshes = 0; ///< refreshes of all banks or of single ones
    std::uint64_t forwarded = 0; ///< read bursts that the write queue answered
};

/// The bursts of a DRAM that requests took, counted when they arrived. A small request takes a whole burst.
struct DramBurstCounters {
    std::uint64_t read = 0;
    std::uint64_t written = 0;
};

/// What a memory has done so far. Neither refused accesses nor debug accesses count.
struct MemoryCounters {
    std::uint64_t reads = 0; ///< transactions
    std::uint64_t writes = 0;
    Bytes bytes_read = 0;
    Bytes bytes_written = 0;
    Picoseconds busy = 0; ///< time that the data paths were occupied, averaged over banks or channels
    double peak_bytes_per_second = 0;
    std::optional<DramRowCounters> rows; ///< only a DRAM has them
    DramBurstCounters bursts;            ///< zero unless it is a DRAM
};

} // namespace gradus::ip
