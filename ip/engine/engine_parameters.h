// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

/// What a multiply-accumulator keeps while the rest streams by: its result, its element of B, its element of A; or
/// nothing, in rows of dot-product trees.
enum class Dataflow { output, weight, input, dot };

/// Whether a fold fills and drains by itself or enters right behind the one before.
enum class FoldChaining { serial, overlapped };

/// Whether a fold at the edge of a product crosses all of the array or only the rows and columns it uses.
enum class EdgeFolds { full, trimmed };

/// Where results and cycles of the array come from: closed forms and the host's arithmetic, or the Verilated RTL.
enum class MatrixModel { timing, rtl };

/// rows x cols multiply-accumulators: a systolic array, or `rows` dot products of `cols` lanes. See matrix_folds.h.
struct MatrixParameters {
    unsigned rows = 4;
    unsigned cols = 4;
    Cycles startup_cycles = 4; ///< per command, before its first operand enters the array
    Bytes port_bytes = 32;     ///< a cycle, between the scratchpad and the array, each direction
    Dataflow dataflow = Dataflow::output;
    FoldChaining folds = FoldChaining::serial;
    EdgeFolds edge_folds = EdgeFolds::full;
    unsigned accumulators = 2048; ///< sums that a column of a weight- or input-stationary array can keep
    Cycles transposed_beat = 1;   ///< cycles that the port needs for a beat of an operand stored the other way round
    MatrixModel model = MatrixModel::timing;
};

/// Where the tree of a reduction over the lanes comes from.
enum class ReductionTree {
    folded,    ///< the lanes' own adders, which then do nothing else
    pipelined, ///< adders of its own: the next row is under way meanwhile
};

/// When a command's results leave.
enum class VectorResults {
    after,    ///< when all of them are there
    streamed, ///< as they come, while later operands still arrive
};

/// `lanes` fp32 lanes. An interval is the cycles from one element of a lane to the next, a latency those from an
/// element to its result; a latency below the interval counts as the interval: such a unit is not pipelined. See
/// vector_core.h.
struct VectorParameters {
    unsigned lanes = 4;
    Cycles startup_cycles = 4;    ///< per command, before its first operand enters the lanes
    Bytes port_bytes = 32;        ///< a cycle, between the scratchpad and the lanes, each direction
    unsigned multiply_adders = 1; ///< of a lane, for multiply-adds, comparisons, selections; each begins one a cycle
    Cycles simple_latency = 1;    ///< of these
    Cycles exp_interval = 4;      ///< exponential and logarithm
    Cycles exp_latency = 1;
    Cycles reciprocal_interval = 4;
    Cycles reciprocal_latency = 1;
    Cycles root_interval = 4; ///< square root and its reciprocal
    Cycles root_latency = 1;
    ReductionTree tree = ReductionTree::folded;
    VectorResults results = VectorResults::after;
    bool fused = false; ///< the unit knows VECTOR_SOFTMAX and VECTOR_RMSNORM
};

} // namespace gradus::ip
