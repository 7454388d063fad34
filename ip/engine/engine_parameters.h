// SPDX-License-Identifier: Apache-2.0
// The parameters of the two compute engines, the matrix unit and the vector unit.
//
// Example: the default matrix unit has 4 x 4 cells and does at most 16 multiply-adds a cycle. Its port moves 32 bytes a
// cycle, which are 8 fp32 elements. The default vector unit has 4 lanes and the same port.
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

/// What a multiply-accumulator keeps while the rest streams by: its result (output), its element of B (weight) or its
/// element of A (input). With `dot` it keeps nothing: the rows of the array are dot-product trees.
enum class Dataflow { output, weight, input, dot };

/// A serial fold fills and drains the array alone. An overlapped fold enters right behind the one before.
enum class FoldChaining { serial, overlapped };

/// A fold at the edge of a product crosses the whole array (full), or only the rows and columns that it uses (trimmed).
enum class EdgeFolds { full, trimmed };

/// Where the results and the cycles of the array come from: closed forms and the host's arithmetic (timing), or the
/// Verilated RTL (rtl).
enum class MatrixModel { timing, rtl };

/// The matrix unit has rows x cols multiply-accumulators. They form a systolic array, or `rows` dot products of `cols`
/// lanes. See matrix_folds.h.
struct MatrixParameters {
    unsigned rows = 4;
    unsigned cols = 4;
    Cycles startup_cycles = 4; ///< per command, before its first operand enters the array
    Bytes port_bytes = 0;      ///< bytes a cycle between the scratchpad and the array, in each direction; 0: as needed
    Dataflow dataflow = Dataflow::output;
    FoldChaining folds = FoldChaining::serial;
    EdgeFolds edge_folds = EdgeFolds::full;
    unsigned accumulators = 2048; ///< sums that a column of a weight- or input-stationary array keeps
    Cycles transposed_beat = 1;   ///< cycles of the port for a beat of an operand stored the other way round
    MatrixModel model = MatrixModel::timing;
};

/// The smallest power of two that is `bytes` or more.
constexpr Bytes power_of_two_from(Bytes bytes) {
    Bytes power = 1;
    while (power < bytes)
        power *= 2;
    return power;
}

/// The narrowest port that never makes an array wait for fp32 operands: one operand for every row and every column a
/// cycle, as wires come in powers of two. A dot-product unit takes one operand for every lane a cycle, for all of its
/// rows. A 16 x 16 array needs 128 bytes a cycle; on 32 it gets a quarter of its fp32 operands, half of its bf16 ones.
constexpr unsigned operands_a_cycle(const MatrixParameters& parameters) {
    return parameters.cols + (parameters.dataflow == Dataflow::dot ? 0 : parameters.rows);
}
constexpr Bytes needed_port_bytes(const MatrixParameters& parameters) {
    return power_of_two_from(operands_a_cycle(parameters) * sizeof(float));
}
constexpr Bytes port_bytes(const MatrixParameters& parameters) {
    return parameters.port_bytes ? parameters.port_bytes : needed_port_bytes(parameters);
}

/// Which adders form the tree of a reduction over the lanes.
enum class ReductionTree {
    folded,    ///< the lanes' own adders, which do nothing else meanwhile
    pipelined, ///< adders of its own, so that the next row is under way meanwhile
};

/// When the results of a command leave.
enum class VectorResults {
    after,    ///< when all of them have been computed
    streamed, ///< as soon as they are computed, while later operands still arrive
};

/// The vector unit has `lanes` fp32 lanes. An interval is the number of cycles from one element of a lane to the next.
/// A latency is the number of cycles from an element to its result. A latency below the interval counts as the
/// interval: such a unit is not pipelined. See vector_core.h.
struct VectorParameters {
    unsigned lanes = 4;
    Cycles startup_cycles = 4; ///< per command, before its first operand enters the lanes
    Bytes port_bytes = 0;      ///< bytes a cycle between the scratchpad and the lanes, in each direction; 0: as needed
    unsigned multiply_adders = 1; ///< in a lane; each begins a multiply-add, comparison or selection a cycle
    Cycles simple_latency = 1;    ///< latency of the multiply-adders
    Cycles exp_interval = 4;      ///< exponential and logarithm
    Cycles exp_latency = 1;
    Cycles reciprocal_interval = 4;
    Cycles reciprocal_latency = 1;
    Cycles root_interval = 4; ///< square root and its reciprocal
    Cycles root_latency = 1;
    ReductionTree tree = ReductionTree::folded;
    VectorResults results = VectorResults::after;
    bool fused = false;   ///< true: the unit knows VECTOR_SOFTMAX, VECTOR_WINDOW_SOFTMAX and VECTOR_RMSNORM
    bool columns = false; ///< true: the unit knows VECTOR_COLUMN_MAX and VECTOR_COLUMN_EXP
};

/// The narrowest port on which an operation of two operands, such as a sum, takes a cycle a lane.
constexpr Bytes needed_port_bytes(const VectorParameters& parameters) {
    return power_of_two_from(parameters.lanes * 2 * sizeof(float));
}
constexpr Bytes port_bytes(const VectorParameters& parameters) {
    return parameters.port_bytes ? parameters.port_bytes : needed_port_bytes(parameters);
}

} // namespace gradus::ip
