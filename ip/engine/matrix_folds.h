// SPDX-License-Identifier: Apache-2.0
// MatrixFolds: the time that the matrix array takes. A product C[m, n] = A[m, k] B[k, n] is cut into folds, each of
// which fits R x C multiply-accumulators. This class says when the results of each fold are out. doc/timing-model.md
// derives every formula, with drawings.
//
// Modelled
//   Dataflow. The array keeps one of the three matrices, cut into folds of R x C. The others stream through, one row or
//   one column of operands a cycle. From row to row and from column to column the stream is one cycle later (skew).
//       output  keeps C   ceil(m/R) ceil(n/C) folds   streams k terms
//       weight  keeps B   ceil(k/R) ceil(n/C) folds   streams m rows of A      R cycles to load the weights
//       input   keeps A   ceil(k/R) ceil(m/C) folds   streams n columns of B   R cycles to load
//       dot     keeps nothing. It has R trees of C lanes. Each tree takes a row of A and streams the columns of B, in
//               ceil(k/C) cycles a column. There are ceil(m/R) folds. A product passes a multiplier, ceil(log2 C)
//               levels of adders and an accumulator before it is part of its sum.
//   Serial folds follow one after the other:
//       output  ceil(m/R) ceil(n/C) (k + R + C - 2)
//       weight  ceil(k/R) ceil(n/C) (2R + C + m - 2)
//       input   ceil(k/R) ceil(m/C) (2R + C + n - 2)
//       dot     ceil(m/R) (n ceil(k/C) + ceil(log2 C) + 2)
//   Overlapped folds. A second set of registers (for accumulators or weights) lets a fold enter while the one before is
//   still in the array. A fold enters R cycles after the one before at the earliest, because a column hands over one
//   result, or takes one weight, a cycle. With F folds of s streamed cycles each:
//       output          (F - 1) max(k, R) + k + R + C - 2
//       weight, input   R + (F - 1) max(s, R) + s + R + C - 2
//       dot             F n ceil(k/C) + ceil(log2 C) + 2
//   Edge folds. A fold at the edge uses r < R rows or c < C columns. With `full` it takes as long as any other fold.
//   With `trimmed`, r and c replace R and C in the formulas. Such an array needs a way in and out at every row and
//   column.
//
// Example: m = n = k = 16 on 4 x 4 output-stationary cells. There are 16 folds. A fold takes 16 + 4 + 4 - 2 = 22
// cycles. Serial folds take 16 * 22 = 352 cycles. Overlapped folds take 15 * 16 + 22 = 262 cycles.
// (MatrixFolds.OverlappedFoldsFillTheArrayOnce)
//
// Not modelled
//   Latency of a cell: a multiply-add is done in the cycle in which its operands meet.
//   The initial values of the sums: they enter beside the first operands.
//   The way of the last fold out of the array: it belongs to the write. (SCALE-Sim's form for output-stationary arrays,
//   2R + C + k - 2, counts R cycles a fold for that.)
//   The order of sums in a tree of adders: numbers are always added in the order of k (ip/numerics/matrix_product.h).
//
// Sources: H. T. Kung, Why systolic architectures?, Computer 15(1), 1982; A. Samajdar et al., SCALE-Sim: Systolic CNN
// Accelerator Simulator, arXiv:1811.02883, 2018, and A Systematic Methodology for Characterizing Scalability of DNN
// Accelerators using SCALE-Sim, ISPASS 2020, section III (its tool prints the index of the last cycle, one less);
// NVIDIA, NVDLA hardware architecture specification, convolution core, 2018 (dot products).
#pragma once

#include <cstdint>

#include "ip/engine/engine_parameters.h"

namespace gradus::ip {

/// The dimensions of C[m, n] = A[m, k] B[k, n].
struct MatrixShape {
    std::uint32_t m = 1;
    std::uint32_t n = 1;
    std::uint32_t k = 1;
};

/// The folds of a product in their order. An outer fold is a panel of rows of C (of columns, in a weight-stationary
/// array) and consists of `inner` folds. Every member function takes constant time.
class MatrixFolds {
public:
    /// All three dimensions must be 1 or more.
    MatrixFolds(const MatrixShape& shape, const MatrixParameters& parameters);

    std::uint64_t outer() const { return outer_.count(); }
    std::uint64_t inner() const { return inner_.count(); }
    std::uint64_t count() const { return outer() * inner(); }
    /// Returns the rows (or columns) of C in an outer fold. The last outer fold may have fewer.
    std::uint32_t outer_size() const { return outer_.size; }

    /// Returns the cycles from the first operand into the array to the last result. They do not include the startup.
    Cycles cycles() const { return cycles_until(outer()); }
    /// Returns the same for the first `panels` outer folds. `panels` must be 1 or more.
    Cycles cycles_until(std::uint64_t panels) const;

private:
    /// A dimension that is cut into pieces of `size`. The last piece may be smaller.
    struct Cut {
        std::uint32_t size = 1;
        std::uint64_t whole = 0; ///< number of pieces of that size
        std::uint32_t edge = 0;  ///< size of the last piece if it is smaller, else 0
        std::uint64_t count() const { return whole + (edge ? 1 : 0); }
    };
    static Cut cut(std::uint32_t extent, std::uint32_t size) { return {size, extent / size, extent % size}; }

    /// The phases of one fold: the array loads what it keeps, operands stream, and the wave runs out of the array.
    struct Fold {
        Cycles load = 0;
        Cycles stream = 0;
        Cycles skew = 0; ///< the last result is out that long after the last operand
        Cycles hold = 0; ///< the next fold begins to stream that long after this one at the earliest
    };
    Fold fold(std::uint32_t outer_piece, std::uint32_t inner_piece) const;

    class Timeline;
    void line(Timeline& timeline, std::uint32_t outer_piece) const;

    const MatrixParameters parameters_;
    Cut outer_, inner_;
    Cycles stream_ = 0;
};

/// Returns the number of levels of a tree over `leaves`, which is ceil(log2 leaves).
Cycles tree_levels(std::uint64_t leaves);

} // namespace gradus::ip
