// SPDX-License-Identifier: Apache-2.0
// The vector unit's timing, checks and arithmetic: `lanes` identical fp32 lanes working through a tile [rows, cols].
//
// Modelled
//   Groups. A row is taken `lanes` elements at a time and every row starts a new group: groups = rows *
//   ceil(cols/lanes). So [1, n] is faster than [n, 1] for the same gapless data. Interval. A group occupies the lanes
//   for interval(op) cycles. A lane does one multiply-add, comparison or selection a cycle; exp, log and sigmoid take
//   exp_interval, 1/x and 1/sqrt(x) reciprocal_interval:
//       ADD SUB MUL MAX AFFINE RELU RELU_BACKWARD CAUSAL_MASK SUBTRACT_ONE_HOT,
//       ROW_SUM ROW_MAX ROW_DOT COLUMN_SUM PICK                       1
//       BLEND                                                         2
//       EXP LOG                                                       exp_interval
//       RECIPROCAL RSQRT                                              reciprocal_interval
//       SILU           x sigmoid(x)                                   exp_interval + 1
//       GELU           x sigmoid(2u), 3 steps for 2u                  exp_interval + 4
//       SILU_BACKWARD  s + x (s - s^2), times dy                      exp_interval + 3
//       GELU_BACKWARD  3 steps for 2u, 1 for its derivative,
//                      4 for dy (s + x (s - s^2) (2u)')               exp_interval + 8
//       ADAM                                                          adam_interval
//   Trees. What ends in one value a row (ROW_SUM, ROW_MAX, ROW_DOT, PICK) adds, for each row, a tree over the lanes:
//   ceil(log2(lanes)) cycles. COLUMN_SUM needs none: each lane keeps its own columns.
//       compute cycles = groups * interval + (tree ? rows * ceil(log2(lanes)) : 0)
//   Operand stream. Every source crosses the port once, port_bytes a cycle; a row that does not fill its last beat
//   still takes it; a repeated row (pitch 0) is read once. PICK reads whole rows and selects: no address depends on
//   data. The stream runs beside the computation. Command. startup_cycles, then max(compute, operand stream), then the
//   results are written, port_bytes a cycle. What the scratchpad adds (latency, busy banks) comes on top of the stream
//   and of the write.
//
// Not modelled
//   Results leaving while operands still arrive: a command's write follows its last operand, which overstates an
//   elementwise command that is bound by memory by up to its write. Chaining of commands without the scratchpad in
//   between. Overlap of a row's tree with the next row. Lanes of other widths than 32 bits. Registers of the unit are
//   never short.
#pragma once

#include <cstdint>
#include <optional>

#include "ip/engine/engine_parameters.h"
#include "ip/engine/operand.h"
#include "ip/engine/vector_command.h"

namespace gradus::ip {

/// What is wrong with the command, if anything:
///   OPCODE   not a VECTOR_*
///   VALUE    rows or cols is 0; a tile above max_operand_bytes (field: the larger dimension); an unknown b_mode; the
///   reserved
///            field; a pitch that is no multiple of 4; rows of dst that overlap; gaps in Adam's operands; a mask period
///            or index limit of 0; an index limit above cols for PICK
///   ADDRESS  a misaligned operand, or one that runs over the end of the address space
/// Fields that an opcode does not use are not looked at, except b_mode and reserved.
std::optional<CommandError> check_vector(std::uint8_t opcode, const vector_body& body);

/// What a command moves and how long it computes. Precondition: check_vector found nothing.
struct VectorPlan {
    OperandRows a;
    OperandRows b; ///< empty when the opcode has no second source
    OperandRows c; ///< indices, Adam's second moment, or empty
    OperandRows dst;
    bool indexed = false;  ///< c holds indices
    bool in_place = false; ///< Adam: dst is read too; dst, b and c are written
    Cycles compute_cycles = 0;
    std::uint64_t elements = 0;
};

VectorPlan plan_vector(std::uint8_t opcode, const vector_body& body, const VectorParameters& parameters);

/// The unit's copies of the operands, each row after row without gaps (a repeated row once).
struct VectorData {
    const float* a = nullptr;
    float* b = nullptr; ///< written by Adam
    float* c = nullptr; ///< written by Adam
    const std::uint32_t* index = nullptr;
    float* dst = nullptr; ///< read and written by Adam
};

/// Whether all of the command's indices are below its limit.
bool indices_in_range(const vector_body& body, const std::uint32_t* index);

/// Computes dst (Adam: dst, b and c). Preconditions: check_vector found nothing, indices are in range.
void compute_vector(std::uint8_t opcode, const vector_body& body, const VectorData& data);

} // namespace gradus::ip
