// SPDX-License-Identifier: Apache-2.0
#include "ip/dma/dma_data.h"

#include <cstring>

#include "ip/common/command.h"
#include "ip/dma/dma_check.h"
#include "ip/numerics/bf16.h"

namespace gradus::ip {

namespace {

template <typename Value>
Value load(const std::uint8_t* buffer, std::size_t i) {
    Value value;
    std::memcpy(&value, buffer + i * sizeof value, sizeof value);
    return value;
}

template <typename Value>
void store(std::uint8_t* buffer, std::size_t i, Value value) {
    std::memcpy(buffer + i * sizeof value, &value, sizeof value);
}

} // namespace

void convert(const std::uint8_t* source, std::uint8_t source_format, std::uint8_t* destination,
             std::uint8_t destination_format, std::uint32_t count) {
    if (source_format == destination_format)
        std::memcpy(destination, source, count * element_bytes(source_format));
    else if (destination_format == FORMAT_BF16)
        for (std::size_t i = 0; i < count; ++i)
            store(destination, i, to_bf16(load<float>(source, i)));
    else
        for (std::size_t i = 0; i < count; ++i)
            store(destination, i, from_bf16(load<std::uint16_t>(source, i)));
}

void accumulate(std::uint8_t* sums, const std::uint8_t* addends, std::uint32_t count) {
    for (std::size_t i = 0; i < count; ++i)
        store(sums, i, load<float>(sums, i) + load<float>(addends, i));
}

void fill(std::uint8_t* destination, std::uint32_t value, std::uint32_t count) {
    for (std::size_t i = 0; i < count; ++i)
        store(destination, i, value);
}

void copy_column(const std::uint8_t* block, std::uint32_t stride, std::uint32_t column, Bytes element,
                 std::uint8_t* destination, std::uint32_t count) {
    for (std::size_t i = 0; i < count; ++i)
        std::memcpy(destination + i * element, block + (i * stride + column) * element, element);
}

} // namespace gradus::ip
