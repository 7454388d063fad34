// SPDX-License-Identifier: Apache-2.0
// The matrix unit's checks, and what a command moves between the scratchpad and the array (matrix_folds.h says how long
// the array takes).
//
// Modelled
//   Operand stream. What the array keeps crosses the port once; what streams through crosses it once for each fold that
//   it streams through:
//       output  A ceil(n/C) times   B and the bias ceil(m/R) times
//       weight  A ceil(n/C) times   B and the bias once
//       input   A once              B and the bias ceil(m/C) times
//       dot     A once              B and the bias ceil(m/R) times
//   C crosses it once when the command accumulates, and once as the result. The port moves port_bytes a cycle in each
//   direction; a row that does not fill its last beat still takes it. A beat of an operand that is stored the other way
//   round than the array takes it costs transposed_beat cycles; that is A^T and B^T, for a dot-product unit A^T and B.
//   Partial sums. Where k is folded (weight, input), sums wait for the next fold in the array's accumulators,
//   `accumulators` for each column: rows of C (columns, in an input-stationary array) beyond that go to the scratchpad
//   and come back between two folds of k, as fp32. Panels. Serial folds: a command is one panel. Its stream runs beside
//   the computation as a whole; then C is written.
//       startup_cycles + max(array, operand stream, partial sums) + write
//   Overlapped folds: an outer fold (R rows of C, or C columns in a weight-stationary array) is a panel. Operands of
//   the next panel arrive, and results of the last one leave, while one is computed, with two sets of buffers for
//   either: panels.h. Beyond startup and the array's cycles, everything is a memory stall. What the scratchpad adds
//   (latency, busy banks) comes on top of streams.
//
// Not modelled
//   Which fold of a panel starves: a panel's stream is held against the panel as a whole. Limits of buffers for
//   operands within a panel. Overlap of one command with the next, of the first operands' way with the startup.
//   Skipping zeros. Clock or power gating.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "ip/common/element.h"
#include "ip/engine/matrix_array.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/operand.h"

namespace gradus::ip {

/// What is wrong with the command, if anything:
///   OPCODE   not MATRIX_MULTIPLY
///   VALUE    m, n or k is 0; an operand above max_operand_bytes (field: the larger of its two dimensions); an unknown
///            format or mode; accumulation into anything but fp32; a pitch that is no multiple of the element; rows of
///            C that overlap; a reserved byte
///   ADDRESS  a misaligned operand, or one that runs over the end of the address space
std::optional<CommandError> check_matrix(std::uint8_t opcode, const matrix_body& body);

/// What a command moves, panel by panel. Rows of operands are rows as they are stored.
struct MatrixPlan {
    MatrixFolds folds;
    MatrixShape shape = {};
    OperandRows a = {}, b = {}, c = {};
    OperandRows bias = {};                       ///< empty without MATRIX_BIAS
    Bytes a_bytes = 4, b_bytes = 4, c_bytes = 4; ///< an element
    bool transpose_a = false, transpose_b = false;
    Cycles beat_of_a = 1, beat_of_b = 1;

    bool panels_of_columns = false; ///< else of rows of C
    std::uint64_t panels = 1;
    std::uint64_t outer_a_panel = 1; ///< outer folds; fewer may be left for the last

    // How often the panel's part of it (or all of it, if panels do not cut it) crosses the port in a panel.
    std::uint64_t passes_of_a = 1, passes_of_b = 1, passes_of_bias = 1;

    std::uint32_t kept_sums = 0;      ///< rows (columns) of a panel of C whose partial sums stay in the array
    std::uint64_t rounds_of_sums = 0; ///< how often the others go to the scratchpad and come back

    std::uint64_t macs = 0;

    MatrixBlock panel(std::uint64_t index) const;
    /// Outer folds up to the end of that panel.
    std::uint64_t outer_until(std::uint64_t panel) const {
        return std::min((panel + 1) * outer_a_panel, folds.outer());
    }

    OperandSlice a_of(const MatrixBlock& block) const;
    OperandSlice b_of(const MatrixBlock& block) const;
    OperandSlice c_of(const MatrixBlock& block) const;
    OperandSlice bias_of(const MatrixBlock& block) const;
    /// What `spill_passes` passes over move is as much as the panel's rounds of partial sums do, in one direction.
    OperandRows spilled_of(const MatrixBlock& block) const;
    std::uint64_t spill_passes() const { return rounds_of_sums * (sizeof(float) / c_bytes); }

    /// Bytes that cross the port into the array, and out of it.
    Bytes bytes_read(bool accumulates) const;
    Bytes bytes_written() const;
};

MatrixPlan plan_matrix(const matrix_body& body, const MatrixParameters& parameters);

} // namespace gradus::ip
