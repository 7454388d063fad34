// SPDX-License-Identifier: Apache-2.0
// An operand as both engines see it: rows in the scratchpad, and the unit's own copy of them.
//
// Limits, so that no descriptor can exhaust the host: an operand holds at most 256 MiB (more than any scratchpad), and
// the unit's copy grows only as far as the memory has answered. A pitch of 0 on a source repeats one row; the unit
// reads that row once and holds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ip/common/command_error.h"
#include "ip/common/units.h"

namespace gradus::ip {

inline constexpr Bytes max_operand_bytes = Bytes{256} << 20;

/// `count` rows of `row_bytes`, `pitch` bytes from the start of one to the start of the next. count 0: no operand.
struct OperandRows {
    std::uint64_t address = 0;
    std::uint64_t count = 0;
    Bytes row_bytes = 0;
    Bytes pitch = 0;

    Bytes bytes() const { return count * row_bytes; }
    explicit operator bool() const { return count != 0; }

    /// Rows of a source, where a pitch of 0 means one row for all.
    static OperandRows source(std::uint64_t address, std::uint64_t count, Bytes row_bytes, Bytes pitch) {
        return {address, pitch == 0 ? 1 : count, row_bytes, pitch};
    }
};

/// Part of an operand, and where its rows go in the unit's copy.
struct OperandSlice {
    OperandRows rows;
    Bytes position = 0; ///< of the first row
    Bytes pitch = 0;    ///< from row to row

    static OperandSlice whole(const OperandRows& rows) { return {rows, 0, rows.row_bytes}; }
    /// `count` rows from `first` on. One row that stands for all comes with the first of them.
    static OperandSlice of_rows(const OperandRows& rows, std::uint64_t first, std::uint64_t count);
    /// `bytes` of each row, from `offset` on.
    static OperandSlice of_columns(const OperandRows& rows, Bytes offset, Bytes bytes);
};

/// Byte offset in the descriptor of a body's member, given its offset in the body.
constexpr std::uint32_t body_field(std::size_t offset) {
    return static_cast<std::uint32_t>(sizeof(command_header) + offset);
}

/// The body's member at `offset` has a value that no command may have.
inline CommandError bad_value(std::size_t offset) { return {QUEUE_ERROR_VALUE, body_field(offset)}; }
/// No memory answers where the body's member at `offset` points to.
inline CommandError refused(std::size_t offset) { return {QUEUE_ERROR_ADDRESS, body_field(offset)}; }

/// Alignment to the element and to the end of the address space. `address_field` and `pitch_field` go into the error.
std::optional<CommandError> check_rows(const OperandRows& rows, Bytes element_bytes, std::uint32_t address_field,
                                       std::uint32_t pitch_field);

/// A result's rows must not overlap.
inline bool rows_overlap(const OperandRows& rows) { return rows.count > 1 && rows.pitch < rows.row_bytes; }

/// The unit's copy of an operand, without gaps between its rows. Reused from command to command.
class OperandBuffer {
public:
    /// Room for at least `bytes`; what is there stays.
    std::uint8_t* reserve(Bytes bytes) {
        if (stored_.size() * sizeof(float) < bytes) stored_.resize(ceil_div(bytes, sizeof(float)));
        return reinterpret_cast<std::uint8_t*>(stored_.data());
    }
    float* reserve_floats(std::size_t count) {
        reserve(count * sizeof(float));
        return stored_.data();
    }
    const float* floats() const { return stored_.data(); }

    /// Has the elements of FORMAT_* that `slice` brought ready as fp32; values() are all of them.
    void widen(std::uint8_t format, const OperandSlice& slice);
    const float* values(std::uint8_t format) const { return format == FORMAT_FP32 ? stored_.data() : widened_.data(); }
    /// The first `count` elements as uint32.
    const std::uint32_t* words(std::size_t count);
    /// Turns `count` fp32 elements into FORMAT_*; returns the bytes to store. The fp32 values are kept.
    const std::uint8_t* narrowed(std::uint8_t format, const float* values, std::size_t count);

private:
    std::vector<float> stored_;
    std::vector<float> widened_;
    std::vector<std::uint16_t> narrowed_;
    std::vector<std::uint32_t> words_;
};

} // namespace gradus::ip
