// SPDX-License-Identifier: Apache-2.0
// The matrix unit's checks, and the plan of what a command moves between the scratchpad and the array. (matrix_folds.h
// computes how long the array takes.)
//
// Modelled
//   Operand stream. What the array keeps crosses the port once. What streams through the array crosses the port once
//   for each fold that it streams through. The array has R rows and C columns:
//       output  A ceil(n/C) times   B and the bias ceil(m/R) times
//       weight  A ceil(n/C) times   B and the bias once
//       input   A once              B and the bias ceil(m/C) times
//       dot     A once              B and the bias ceil(m/R) times
//   A command that accumulates reads C once. Every command writes C once. The port moves port_bytes a cycle in each
//   direction. One such step is a beat. If a row does not fill its last beat, it takes the whole beat all the same.
//   An operand may be stored the other way round than the array takes it. A beat of such an operand costs
//   transposed_beat cycles. This concerns A^T and B^T; for a dot-product unit it concerns A^T and B.
//   Partial sums. If k is folded (weight, input), the sums wait in the array's accumulators for the next fold. Every
//   column has `accumulators` of them. Rows of C that do not fit (columns of C, in an input-stationary array) go to the
//   scratchpad as fp32 and come back between two folds of k.
//   Panels. With serial folds a command is one panel. The panel's stream runs beside the whole computation, and then C
//   is written:
//       startup_cycles + max(array, operand stream, partial sums) + write
//   With overlapped folds every outer fold is a panel: R rows of C, or C columns of it in a weight-stationary array.
//   While the array computes a panel, the operands of the next panel arrive and the results of the last one leave.
//   There are two sets of buffers for operands and two for results: panels.h.
//   Stalls. Startup and the array's cycles are busy time. Everything beyond them is a memory stall. Delays of the
//   scratchpad (latency, busy banks) add to the streams.
//
// Example: m = n = k = 16 in fp32 on 4 x 4 output-stationary cells, serial folds, 32 bytes a cycle, 4 cycles of
// startup. A and B, 1 KiB each, cross the port 4 times: 8 KiB in 256 cycles. The array takes 16 folds of 22 cycles =
// 352 cycles, so the stream hides behind it. C, 1 KiB, leaves in 32 cycles. The command takes 4 + 352 + 32 = 388
// cycles, of which 32 are a memory stall. (MatrixUnit.ComputesBesideItsOperandStreamAndThenWrites)
//
// Not modelled
//   Which fold of a panel starves: the model compares a panel's stream with the panel as a whole.
//   Limits of the buffers for operands within a panel.
//   Overlap of one command with the next, and of the first operands' way with the startup.
//   Skipping of zeros. Clock gating and power gating.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "ip/common/element.h"
#include "ip/engine/matrix_array.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/operand.h"

namespace gradus::ip {

/// Returns what is wrong with the command, if anything is:
///   OPCODE   not MATRIX_MULTIPLY
///   VALUE    m, n or k is 0; an operand above max_operand_bytes (field: the larger of its two dimensions); an unknown
///            format or mode; accumulation into anything but fp32; a pitch that is no multiple of the element; rows of
///            C that overlap; a reserved byte
///   ADDRESS  a misaligned operand, or one that runs over the end of the address space
std::optional<CommandError> check_matrix(std::uint8_t opcode, const matrix_body& body);

/// What a command moves, panel by panel. A row of an operand is a row as it is stored.
struct MatrixPlan {
    MatrixFolds folds;
    MatrixShape shape = {};
    OperandRows a = {}, b = {}, c = {};
    OperandRows bias = {};                       ///< empty unless the command has MATRIX_BIAS
    Bytes a_bytes = 4, b_bytes = 4, c_bytes = 4; ///< size of an element
    bool transpose_a = false, transpose_b = false;
    Cycles beat_of_a = 1, beat_of_b = 1;

    bool panels_of_columns = false; ///< true: a panel is columns of C; false: rows of C
    std::uint64_t panels = 1;
    std::uint64_t outer_a_panel = 1; ///< outer folds in a panel; the last panel may have fewer

    // How often an operand crosses the port in a panel: the panel's part of it, or all of it if panels do not cut it.
    std::uint64_t passes_of_a = 1, passes_of_b = 1, passes_of_bias = 1;

    std::uint32_t kept_sums = 0;      ///< rows (or columns) of a panel of C whose partial sums stay in the array
    std::uint64_t rounds_of_sums = 0; ///< how often the other partial sums go to the scratchpad and come back

    std::uint64_t macs = 0;

    MatrixBlock panel(std::uint64_t index) const;
    /// Returns the number of outer folds up to the end of that panel.
    std::uint64_t outer_until(std::uint64_t panel) const {
        return std::min((panel + 1) * outer_a_panel, folds.outer());
    }

    OperandSlice a_of(const MatrixBlock& block) const;
    OperandSlice b_of(const MatrixBlock& block) const;
    OperandSlice c_of(const MatrixBlock& block) const;
    OperandSlice bias_of(const MatrixBlock& block) const;
    /// Returns rows that stand for the partial sums. `spill_passes` passes over these rows move as many bytes as the
    /// panel's rounds of partial sums move in one direction.
    OperandRows spilled_of(const MatrixBlock& block) const;
    std::uint64_t spill_passes() const { return rounds_of_sums * (sizeof(float) / c_bytes); }

    /// Return the bytes that cross the port into the array, and out of it.
    Bytes bytes_read(bool accumulates) const;
    Bytes bytes_written() const;
};

MatrixPlan plan_matrix(const matrix_body& body, const MatrixParameters& parameters);

} // namespace gradus::ip
