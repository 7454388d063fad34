// SPDX-License-Identifier: Apache-2.0
// Which memory a DMA command may touch, as a channel's hardware would compare it: one interval an operand, from its
// first byte to its last, gaps between rows included.
#pragma once

#include <cstdint>

#include "ip/dma/dma_command.h"

namespace gradus::ip {

struct DmaInterval {
    std::uint64_t first = 1; ///< as it is here, nothing
    std::uint64_t last = 0;

    bool overlaps(const DmaInterval& other) const { return first <= other.last && other.first <= last; }
};

struct DmaFootprint {
    DmaInterval source, index; ///< read
    DmaInterval destination;   ///< written; read as well by a command that accumulates

    DmaFootprint() = default;
    /// Of a command that dma_check let through.
    DmaFootprint(std::uint8_t opcode, const dma_body& body);

    /// Whether this command must not begin before `earlier` is done: one of them writes what the other one touches.
    bool depends_on(const DmaFootprint& earlier) const;
};

} // namespace gradus::ip
