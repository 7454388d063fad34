// SPDX-License-Identifier: Apache-2.0
// An operand as both engines see it: rows in the scratchpad, and the unit's own copy of these rows.
//
// Limits: no descriptor may exhaust the host. An operand holds at most 256 MiB, which is more than any scratchpad. The
// unit's copy grows only as far as the memory has answered.
//
// A source with a pitch of 0 repeats one row. The unit reads this row once and keeps it.
//
// Example: a [4, 4] operand in fp32 with a pitch of 32 bytes has 4 rows of 16 bytes. Row 1 begins 32 bytes after row 0
// in the scratchpad, but 16 bytes after it in the unit's copy. of_rows(rows, 1, 2) are rows 1 and 2: their address is
// 32 bytes on, and their position in the copy is 16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ip/common/command_error.h"
#include "ip/common/units.h"

namespace gradus::ip {

inline constexpr Bytes max_operand_bytes = Bytes{256} << 20;

/// `count` rows of `row_bytes` each. A row starts `pitch` bytes after the one before. A count of 0 means: no operand.
struct OperandRows {
    std::uint64_t address = 0;
    std::uint64_t count = 0;
    Bytes row_bytes = 0;
    Bytes pitch = 0;

    Bytes bytes() const { return count * row_bytes; }
    explicit operator bool() const { return count != 0; }

    /// Returns the rows of a source. With a pitch of 0 this is one row, which stands for all.
    static OperandRows source(std::uint64_t address, std::uint64_t count, Bytes row_bytes, Bytes pitch) {
        return {address, pitch == 0 ? 1 : count, row_bytes, pitch};
    }
};

/// A part of an operand, and the place of its rows in the unit's copy.
struct OperandSlice {
    OperandRows rows;
    Bytes position = 0; ///< of the first row, in the copy
    Bytes pitch = 0;    ///< from row to row, in the copy

    static OperandSlice whole(const OperandRows& rows) { return {rows, 0, rows.row_bytes}; }
    /// Returns `count` rows from `first` on. If one row stands for all, it belongs to the slice that begins at row 0.
    static OperandSlice of_rows(const OperandRows& rows, std::uint64_t first, std::uint64_t count);
    /// Returns `bytes` of each row, from `offset` on.
    static OperandSlice of_columns(const OperandRows& rows, Bytes offset, Bytes bytes);
};

/// Returns the offset of a member in the descriptor, given its offset in the body.
constexpr std::uint32_t body_field(std::size_t offset) {
    return static_cast<std::uint32_t>(sizeof(command_header) + offset);
}

/// Returns the error that the body's member at `offset` has a value that no command may have.
inline CommandError bad_value(std::size_t offset) { return {QUEUE_ERROR_VALUE, body_field(offset)}; }
/// Returns the error that no memory answers where the body's member at `offset` points to.
inline CommandError refused(std::size_t offset) { return {QUEUE_ERROR_ADDRESS, body_field(offset)}; }

/// Checks that the rows are aligned to the element and do not run over the end of the address space. The error names
/// `address_field` or `pitch_field`.
std::optional<CommandError> check_rows(const OperandRows& rows, Bytes element_bytes, std::uint32_t address_field,
                                       std::uint32_t pitch_field);

/// Returns whether rows overlap. The rows of a result must not.
inline bool rows_overlap(const OperandRows& rows) { return rows.count > 1 && rows.pitch < rows.row_bytes; }

/// The unit's copy of an operand, without gaps between its rows. The unit reuses it from command to command.
class OperandBuffer {
public:
    /// Makes room for at least `bytes`. What the buffer holds stays.
    std::uint8_t* reserve(Bytes bytes) {
        if (stored_.size() * sizeof(float) < bytes) stored_.resize(ceil_div(bytes, sizeof(float)));
        return reinterpret_cast<std::uint8_t*>(stored_.data());
    }
    float* reserve_floats(std::size_t count) {
        reserve(count * sizeof(float));
        return stored_.data();
    }
    const float* floats() const { return stored_.data(); }

    /// Converts the elements of FORMAT_* that `slice` has brought to fp32. values() returns all elements.
    void widen(std::uint8_t format, const OperandSlice& slice);
    const float* values(std::uint8_t format) const { return format == FORMAT_FP32 ? stored_.data() : widened_.data(); }
    /// Returns the first `count` elements as uint32.
    const std::uint32_t* words(std::size_t count);
    /// Converts `count` fp32 elements to FORMAT_* and returns the bytes to store. The fp32 values stay.
    const std::uint8_t* narrowed(std::uint8_t format, const float* values, std::size_t count);

private:
    std::vector<float> stored_;
    std::vector<float> widened_;
    std::vector<std::uint16_t> narrowed_;
    std::vector<std::uint32_t> words_;
};

} // namespace gradus::ip
