// SPDX-License-Identifier: Apache-2.0
// The vector unit's checks and arithmetic, and the plan of what a command moves. (vector_timing.h computes how long the
// lanes take.)
//
// Modelled
//   Operand stream. Every source crosses the port once. The port moves port_bytes a cycle; one such step is a beat. If
//   a row does not fill its last beat, it takes the whole beat all the same. A repeated row (pitch 0) is read once.
//   PICK reads whole rows and selects from them: no address depends on data.
//   Panels. With results `after`, a command is one panel. Its stream runs beside the computation, and then the results
//   are written, port_bytes a cycle:
//       startup_cycles + max(lanes, operand stream) + write
//   With results `streamed`, a command is cut into panels of whole rows, or of whole groups if it has one row. A panel
//   is about 16 beats of the command's first operand. The results of a panel leave while later operands arrive:
//   panels.h. A sum or maximum of columns is one panel, because it has no result before its end. A causal mask is cut
//   only between periods. The sums of COLUMN_EXP leave behind its last panel.
//   Stalls. Startup and the lanes' cycles are busy time. Everything beyond them is a memory stall. Delays of the
//   scratchpad (latency, busy banks) add to the streams.
//
// Example: ADD of [16, 16] on 4 lanes, 32 bytes a cycle, 4 cycles of startup. The lanes take 64 cycles. Two operands of
// 1 KiB cross the port in the same 64 cycles. The results, 1 KiB, leave in 32 cycles. With results `after` the command
// takes 4 + 64 + 32 = 100 cycles. (VectorUnit.ComputesBesideItsOperandStreamAndThenWrites)
//
// Not modelled
//   Chaining: a command that begins before the one in front of it is done. A fence says that results are in the
//   scratchpad, and the next command of a queue begins after it. Fused commands are the way to keep values in the
//   lanes.
#pragma once

#include <cstdint>
#include <optional>

#include "ip/engine/engine_parameters.h"
#include "ip/engine/operand.h"
#include "ip/engine/vector_timing.h"

namespace gradus::ip {

/// Returns what is wrong with the command, if anything is:
///   OPCODE   not a VECTOR_*, or one that the unit does not have
///   VALUE    rows or cols is 0; a tile above max_operand_bytes (field: the larger dimension); an unknown b_mode; a
///            reserved field that is not 0; a pitch that is no multiple of 4; rows of dst that overlap; gaps in Adam's
///            operands; a mask period or index limit of 0; an index limit above cols for PICK; a b of COLUMN_EXP that
///            is not one row for all
///   ADDRESS  a misaligned operand, or one that runs over the end of the address space
/// It does not look at fields that an opcode does not use, except b_mode and reserved.
std::optional<CommandError> check_vector(std::uint8_t opcode, const vector_body& body,
                                         const VectorParameters& parameters = {});

/// What a command moves. Precondition: check_vector found nothing.
struct VectorPlan {
    OperandRows a;
    OperandRows b; ///< empty if the opcode has no second source
    OperandRows c; ///< the indices or Adam's second moment, else empty
    OperandRows dst;
    OperandRows rstd;      ///< RMSNORM's second result, at address c, else empty
    OperandRows sums;      ///< COLUMN_EXP's second result, of all panels together, at address c, else empty
    bool indexed = false;  ///< true: c holds indices
    bool in_place = false; ///< true for Adam: dst is read too, and dst, b and c are written
    std::uint64_t elements = 0;
};

VectorPlan plan_vector(std::uint8_t opcode, const vector_body& body);

/// How a command is cut into panels.
struct VectorPanels {
    std::uint64_t count = 1;
    std::uint32_t rows = 0; ///< rows of a panel; the last one may have fewer
    std::uint32_t cols = 0; ///< columns of a panel; fewer than the command's only if that has a single row

    /// Returns a panel as a command of its own.
    vector_body body(std::uint8_t opcode, const vector_body& whole, std::uint64_t index) const;
};

VectorPanels cut_vector(std::uint8_t opcode, const vector_body& body, const VectorParameters& parameters);

/// The unit's copies of the operands. In each, row follows row without gaps; a repeated row is there once.
struct VectorData {
    const float* a = nullptr;
    float* b = nullptr; ///< Adam writes it
    float* c = nullptr; ///< Adam writes it; for RMSNORM it is rstd; COLUMN_EXP adds its sums to it
    const std::uint32_t* index = nullptr;
    float* dst = nullptr; ///< the result; Adam reads it too
};

/// Returns whether all indices of the command are below its limit.
bool indices_in_range(const vector_body& body, const std::uint32_t* index);

/// Computes dst. (Adam: also b and c. RMSNORM and COLUMN_EXP: also c.) Preconditions: check_vector found nothing, and
/// the indices are in range.
void compute_vector(std::uint8_t opcode, const vector_body& body, const VectorData& data);

} // namespace gradus::ip
