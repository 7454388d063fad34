// SPDX-License-Identifier: Apache-2.0
// Which operator has to be done before another may touch an operand.
//
// Memory is kept as disjoint segments, each with its latest writer and latest reader. A read waits for the latest
// writer (read after write); a write for the latest writer and the latest reader (write after write, write after read).
#pragma once

#include <cstdint>
#include <map>

#include "ip/common/address_range.h"

namespace gradus::schedule {

class Hazards {
public:
    static constexpr std::int32_t none = -1;

    /// The latest op that has to be done before `range` may be read / written; `none`: no one.
    std::int32_t before_read(ip::AddressRange range) const;
    std::int32_t before_write(ip::AddressRange range) const;

    /// Ops come in order of execution.
    void read(ip::AddressRange range, std::int32_t op);
    void write(ip::AddressRange range, std::int32_t op);

private:
    struct Segment {
        std::uint64_t end = 0;
        std::int32_t writer = none;
        std::int32_t reader = none;
    };
    using Segments = std::map<std::uint64_t, Segment>;

    Segments::const_iterator first_touching(std::uint64_t address) const;
    void split_at(std::uint64_t address);
    void fill_gaps(ip::AddressRange range);

    Segments segments_; ///< by begin
};

} // namespace gradus::schedule
