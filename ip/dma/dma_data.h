// SPDX-License-Identifier: Apache-2.0
// What a DMA channel does to the numbers on their way. Buffers hold elements as they lie in memory, without padding,
// and need no alignment. Conversion to bf16 rounds to nearest even (ip/numerics/bf16.h); conversion to fp32 is exact;
// equal formats are copied bit for bit.
#pragma once

#include <cstdint>

#include "ip/common/units.h"

namespace gradus::ip {

/// destination[i] = source[i], i < count. Formats are FORMAT_*.
void convert(const std::uint8_t* source, std::uint8_t source_format, std::uint8_t* destination,
             std::uint8_t destination_format, std::uint32_t count);

/// sums[i] = sums[i] + addends[i] in fp32.
void accumulate(std::uint8_t* sums, const std::uint8_t* addends, std::uint32_t count);

/// destination[i] = value, 32 bits each.
void fill(std::uint8_t* destination, std::uint32_t value, std::uint32_t count);

/// destination[i] = block[i * stride + column], elements of `element` bytes.
void copy_column(const std::uint8_t* block, std::uint32_t stride, std::uint32_t column, Bytes element,
                 std::uint8_t* destination, std::uint32_t count);

} // namespace gradus::ip
