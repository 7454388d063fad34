// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/operand.h"

#include <cstring>
#include <limits>

#include "ip/numerics/bf16.h"

namespace gradus::ip {

std::optional<CommandError> check_rows(const OperandRows& rows, Bytes element_bytes, std::uint32_t address_field,
                                       std::uint32_t pitch_field) {
    if (!rows) return {};
    if (rows.address % element_bytes) return CommandError{QUEUE_ERROR_ADDRESS, address_field};
    if (rows.pitch % element_bytes) return CommandError{QUEUE_ERROR_VALUE, pitch_field};
    // Counts and pitches have 32 bits and a row is shorter than 2^32 bytes, so this cannot overflow.
    const Bytes last_byte = (rows.count - 1) * rows.pitch + rows.row_bytes - 1;
    if (last_byte > std::numeric_limits<std::uint64_t>::max() - rows.address)
        return CommandError{QUEUE_ERROR_ADDRESS, address_field};
    return {};
}

const float* OperandBuffer::widened(std::uint8_t format, std::size_t count) {
    if (format == FORMAT_FP32) return stored_.data();
    if (widened_.size() < count) widened_.resize(count);
    const auto* from = reinterpret_cast<const std::uint8_t*>(stored_.data());
    for (std::size_t i = 0; i < count; ++i) {
        std::uint16_t element = 0;
        std::memcpy(&element, from + i * sizeof element, sizeof element);
        widened_[i] = from_bf16(element);
    }
    return widened_.data();
}

const std::uint32_t* OperandBuffer::words(std::size_t count) {
    if (words_.size() < count) words_.resize(count);
    std::memcpy(words_.data(), stored_.data(), count * sizeof(std::uint32_t));
    return words_.data();
}

const std::uint8_t* OperandBuffer::narrowed(std::uint8_t format, const float* values, std::size_t count) {
    if (format == FORMAT_FP32) return reinterpret_cast<const std::uint8_t*>(values);
    if (narrowed_.size() < count) narrowed_.resize(count);
    for (std::size_t i = 0; i < count; ++i)
        narrowed_[i] = to_bf16(values[i]);
    return reinterpret_cast<const std::uint8_t*>(narrowed_.data());
}

} // namespace gradus::ip
