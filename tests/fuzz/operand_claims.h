// SPDX-License-Identifier: Apache-2.0
// What holds for every operand of a command that an engine's check let through.
#pragma once

#include "ip/common/command_error.h"
#include "ip/engine/operand.h"
#include "tests/fuzz/fuzz.h"

namespace gradus::fuzz {

inline void claim_refusal(const ip::CommandError& error) {
    claim(error.code == QUEUE_ERROR_OPCODE || error.code == QUEUE_ERROR_VALUE || error.code == QUEUE_ERROR_ADDRESS,
          "a refusal has a reason");
    claim(error.field < COMMAND_BYTES, "a refusal names a field of the descriptor");
}

/// Below 2^64, and no larger than an operand may be.
inline void claim_rows(const ip::OperandRows& rows) {
    if (!rows) return;
    claim(rows.row_bytes > 0 && rows.bytes() <= ip::max_operand_bytes, "an operand is no larger than it may be");
    const std::uint64_t room = ~std::uint64_t{0} - rows.address;
    claim((rows.count - 1) * rows.pitch <= room && rows.row_bytes - 1 <= room - (rows.count - 1) * rows.pitch,
          "an operand lies in the address space");
}

/// A part of an operand lies in its rows, and its place in the unit's copy within the copy.
inline void claim_slice(const ip::OperandSlice& slice, const ip::OperandRows& whole) {
    const ip::OperandRows& part = slice.rows;
    if (!part) return;
    claim(part.count <= whole.count && part.row_bytes <= whole.row_bytes, "a part is no larger than the whole");
    claim(part.address >= whole.address, "a part begins in the whole");
    const std::uint64_t end = (part.count - 1) * part.pitch + part.row_bytes;
    claim(part.address - whole.address + end <= (whole.count - 1) * whole.pitch + whole.row_bytes,
          "a part ends in the whole");
    claim(slice.position + (part.count - 1) * slice.pitch + part.row_bytes <= whole.bytes(),
          "a part has its place in the unit's copy");
}

} // namespace gradus::fuzz
