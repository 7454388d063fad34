// SPDX-License-Identifier: Apache-2.0
// The seam between a memory's sockets and whoever decides how long an access takes.
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

/// The timing of one memory. serve() returns when the request is complete; requests are handed over in the order in
/// which they were issued.
///
/// A memory that keeps that order works the completion out at once. One that reorders cannot: its serve() runs in the
/// initiator's SystemC thread and may wait() until the completion is known, so callers look at the kernel's time again
/// afterwards. The completion returned is then not before that time.
class MemoryTiming {
public:
    virtual ~MemoryTiming() = default;
    virtual Picoseconds serve(const MemoryRequest& request) = 0;
    /// Time the data paths were occupied, averaged over banks or channels.
    virtual Picoseconds busy() const = 0;
    virtual double peak_bytes_per_second() const = 0;
};

/// Row buffers of a DRAM. Every burst is a hit (its row was open), a miss (no row was open) or a conflict (another one
/// was); a read burst that is answered from the write queue is neither.
struct DramRowCounters {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t refreshes = 0; ///< of all or of single banks
    std::uint64_t forwarded = 0; ///< answered from the write queue
};

/// Whole bursts of a DRAM that requests took, as they arrived: small requests pay for a whole one.
struct DramBurstCounters {
    std::uint64_t read = 0;
    std::uint64_t written = 0;
};

/// What a memory has done so far. Refused accesses and debug accesses do not count.
struct MemoryCounters {
    std::uint64_t reads = 0; ///< transactions
    std::uint64_t writes = 0;
    Bytes bytes_read = 0;
    Bytes bytes_written = 0;
    Picoseconds busy = 0; ///< of the data paths, averaged over banks or channels
    double peak_bytes_per_second = 0;
    std::optional<DramRowCounters> rows; ///< of a DRAM
    DramBurstCounters bursts;            ///< of a DRAM
};

} // namespace gradus::ip
