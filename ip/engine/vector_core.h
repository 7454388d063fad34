// SPDX-License-Identifier: Apache-2.0
// The vector unit's checks and arithmetic, and what a command moves (vector_timing.h says how long the lanes take).
//
// Modelled
//   Operand stream. Every source crosses the port once, port_bytes a cycle; a row that does not fill its last beat
//   still takes it; a repeated row (pitch 0) is read once. PICK reads whole rows and selects: no address depends on
//   data. Panels. With results `after` the rest, a command is one panel: its stream runs beside the computation, then
//   the results are written, port_bytes a cycle:
//       startup_cycles + max(lanes, operand stream) + write
//   With results `streamed`, a command is cut into panels of whole rows (of whole groups, if it is one row), each of
//   about 16 beats of its first operand, and a panel's results leave while later ones arrive: panels.h. A column sum
//   has nothing to give before its end, and a causal mask is cut between periods only. Beyond startup and the lanes'
//   cycles, everything is a memory stall. What the scratchpad adds (latency, busy banks) comes on top of streams.
//
// Not modelled
//   Chaining: a command that begins before the one in front of it is through. A fence says that results are in the
//   scratchpad, and a queue's next command begins after it. Fused commands are the way to keep values in the lanes.
#pragma once

#include <cstdint>
#include <optional>

#include "ip/engine/engine_parameters.h"
#include "ip/engine/operand.h"
#include "ip/engine/vector_timing.h"

namespace gradus::ip {

/// What is wrong with the command, if anything:
///   OPCODE   not a VECTOR_*, or a fused one that the unit does not have
///   VALUE    rows or cols is 0; a tile above max_operand_bytes (field: the larger dimension); an unknown b_mode; the
///   reserved
///            field; a pitch that is no multiple of 4; rows of dst that overlap; gaps in Adam's operands; a mask period
///            or index limit of 0; an index limit above cols for PICK
///   ADDRESS  a misaligned operand, or one that runs over the end of the address space
/// Fields that an opcode does not use are not looked at, except b_mode and reserved.
std::optional<CommandError> check_vector(std::uint8_t opcode, const vector_body& body, bool fused = false);

/// What a command moves. Precondition: check_vector found nothing.
struct VectorPlan {
    OperandRows a;
    OperandRows b; ///< empty when the opcode has no second source
    OperandRows c; ///< indices, Adam's second moment, or empty
    OperandRows dst;
    OperandRows rstd;      ///< RMSNORM's second result, at address c, or empty
    bool indexed = false;  ///< c holds indices
    bool in_place = false; ///< Adam: dst is read too; dst, b and c are written
    std::uint64_t elements = 0;
};

VectorPlan plan_vector(std::uint8_t opcode, const vector_body& body);

/// How a command is cut into panels.
struct VectorPanels {
    std::uint64_t count = 1;
    std::uint32_t rows = 0; ///< of a panel; fewer may be left for the last
    std::uint32_t cols = 0; ///< of a panel; below the command's only if that has a single row

    /// The panel as a command of its own.
    vector_body body(std::uint8_t opcode, const vector_body& whole, std::uint64_t index) const;
};

VectorPanels cut_vector(std::uint8_t opcode, const vector_body& body, const VectorParameters& parameters);

/// The unit's copies of the operands, each row after row without gaps (a repeated row once).
struct VectorData {
    const float* a = nullptr;
    float* b = nullptr; ///< written by Adam
    float* c = nullptr; ///< written by Adam; RMSNORM's rstd
    const std::uint32_t* index = nullptr;
    float* dst = nullptr; ///< read and written by Adam
};

/// Whether all of the command's indices are below its limit.
bool indices_in_range(const vector_body& body, const std::uint32_t* index);

/// Computes dst (Adam: dst, b and c; RMSNORM: dst and c). Preconditions: check_vector found nothing, indices are in
/// range.
void compute_vector(std::uint8_t opcode, const vector_body& body, const VectorData& data);

} // namespace gradus::ip
