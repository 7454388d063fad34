// SPDX-License-Identifier: Apache-2.0
// When the transactions of a DMA channel go out, and when their data have passed the channel.
//
// Transactions go out one at a time, issue_cycles apart, in the order in which they are asked for; the first of a row
// other than the command's first pays row_cycles more. Data pass the channel's port at port_bytes a cycle, reads and
// writes independently, and the transposing buffer at transpose_elements a cycle. They pass while the transaction is
// under way: a transaction is not complete before the port has passed all it passed before, and its own data since it
// went out.
#pragma once

#include <algorithm>

#include "ip/common/timeline.h"
#include "ip/dma/dma_parameters.h"

namespace gradus::ip {

class DmaPath {
public:
    DmaPath(const DmaParameters& parameters, Clock clock) : parameters_(parameters), clock_(clock) {}

    /// When a transaction that is asked for at `time` goes out.
    Picoseconds issue(Picoseconds time, bool new_row) {
        const Picoseconds address = new_row ? clock_(parameters_.row_cycles) : 0;
        return issued_.reserve(time, address + clock_(parameters_.issue_cycles)) + address;
    }

    /// When the data of a transaction that goes out at `time` have passed.
    Picoseconds pass(Picoseconds time, bool write, Bytes bytes, std::uint32_t elements, bool transposed) {
        const Picoseconds occupancy = clock_(cycles(bytes, elements, transposed));
        return (write ? written_ : read_).reserve(time, occupancy) + occupancy;
    }

private:
    Cycles cycles(Bytes bytes, std::uint32_t elements, bool transposed) const {
        const Cycles port = parameters_.port_bytes ? ceil_div(bytes, parameters_.port_bytes) : 0;
        if (!transposed || !parameters_.transpose_elements) return port;
        return std::max(port, ceil_div(elements, parameters_.transpose_elements));
    }

    const DmaParameters parameters_;
    const Clock clock_;
    Timeline issued_, read_, written_;
};

} // namespace gradus::ip
