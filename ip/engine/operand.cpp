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

OperandSlice OperandSlice::of_rows(const OperandRows& rows, std::uint64_t first, std::uint64_t count) {
    if (rows.pitch == 0) return first == 0 ? whole(rows) : OperandSlice{};
    const OperandRows part{rows.address + first * rows.pitch, count, rows.row_bytes, rows.pitch};
    return {part, first * rows.row_bytes, rows.row_bytes};
}

OperandSlice OperandSlice::of_columns(const OperandRows& rows, Bytes offset, Bytes bytes) {
    return {{rows.address + offset, rows.count, bytes, rows.pitch}, offset, rows.row_bytes};
}

void OperandBuffer::widen(std::uint8_t format, const OperandSlice& slice) {
    if (format == FORMAT_FP32 || !slice.rows) return;
    constexpr Bytes element = sizeof(std::uint16_t);
    const OperandRows& rows = slice.rows;
    const Bytes end = slice.position + (rows.count - 1) * slice.pitch + rows.row_bytes;
    if (widened_.size() < end / element) widened_.resize(end / element);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(stored_.data());
    for (std::uint64_t row = 0; row < rows.count; ++row) {
        const Bytes from = slice.position + row * slice.pitch;
        for (Bytes at = from; at < from + rows.row_bytes; at += element) {
            std::uint16_t value = 0;
            std::memcpy(&value, bytes + at, element);
            widened_[at / element] = from_bf16(value);
        }
    }
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
