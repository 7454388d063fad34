// SPDX-License-Identifier: Apache-2.0
// The matrix unit's timing and checks: an output-stationary systolic array of R x C multiply-accumulators.
//
// Modelled
//   Folds. C[m, n] is cut into ceil(m/R) row folds times ceil(n/C) column folds; each fold computes up to R x C
//   results. A fold. Row i of A enters at the left edge i cycles late and column j of B at the top edge j cycles late,
//   so that a[i, p] and b[p, j] meet in cell (i, j) in cycle p + i + j. The last cell, (R-1, C-1), is through in cycle
//   (k-1) + (R-1) + (C-1), counted from 0: k + R + C - 2 cycles. Folds follow each other without overlap, and a fold at
//   the edge of C takes as long as a full one.
//       compute cycles = ceil(m/R) * ceil(n/C) * (k + R + C - 2)
//   Operand stream. The array holds results, not operands, so each fold reads its rows of A and its columns of B again:
//   A crosses the port once for each column fold, B and the bias once for each row fold, and C once when the command
//   accumulates. The stream runs beside the computation, port_bytes a cycle; a row that does not fill its last beat
//   still takes it.
//   Command. startup_cycles, then max(compute, operand stream), then C is written once, port_bytes a cycle. What the
//   scratchpad adds (latency, busy banks) comes on top of the stream and of the write.
//
// Not modelled
//   Moving results out of the array: a fold's results leave through a second set of registers while the next fold
//   computes, and the last fold's leave with the write. (The closed form of SCALE-Sim, 2R + C + k - 2 a fold, counts R
//   more cycles a fold for that.) Overlap of a fold's fill with the previous one's end, of the first operands' way with
//   the startup, of the write of one command with the reads of the next. A fold that starves for operands alone: the
//   stream is held against the computation as a whole. Skipping zeros. The array's clock or power gating.
//
// Sources: H. T. Kung, Why systolic architectures?, Computer 15(1), 1982; A. Samajdar et al., SCALE-Sim: Systolic CNN
// Accelerator Simulator, arXiv:1811.02883, 2018; A. Samajdar et al., A Systematic Methodology for Characterizing
// Scalability of DNN Accelerators using SCALE-Sim, ISPASS 2020, section III.
#pragma once

#include <cstdint>
#include <optional>

#include "ip/engine/engine_parameters.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/operand.h"

namespace gradus::ip {

constexpr Bytes format_bytes(std::uint8_t format) { return format == FORMAT_BF16 ? 2 : 4; }

/// What is wrong with the command, if anything:
///   OPCODE   not MATRIX_MULTIPLY
///   VALUE    m, n or k is 0; an operand above max_operand_bytes (field: the larger of its two dimensions); an unknown
///            format or mode; accumulation into anything but fp32; a pitch that is no multiple of the element; rows of
///            C that overlap; a reserved byte
///   ADDRESS  a misaligned operand, or one that runs over the end of the address space
std::optional<CommandError> check_matrix(std::uint8_t opcode, const matrix_body& body);

/// What a command moves and how long it computes. Precondition: check_matrix found nothing.
struct MatrixPlan {
    OperandRows a, b, c;
    OperandRows bias;               ///< empty without MATRIX_BIAS
    std::uint64_t column_folds = 0; ///< how often A is read
    std::uint64_t row_folds = 0;    ///< how often B and the bias are read
    Cycles compute_cycles = 0;      ///< without startup
    std::uint64_t macs = 0;

    /// Bytes that cross the port from the scratchpad, re-reads included.
    Bytes bytes_read(bool accumulates) const {
        return column_folds * a.bytes() + row_folds * (b.bytes() + bias.bytes()) + (accumulates ? c.bytes() : 0);
    }
};

MatrixPlan plan_matrix(const matrix_body& body, const MatrixParameters& parameters);

} // namespace gradus::ip
