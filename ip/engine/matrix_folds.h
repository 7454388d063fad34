// SPDX-License-Identifier: Apache-2.0
// The matrix array's time: how a product C[m, n] = A[m, k] B[k, n] is folded onto R x C multiply-accumulators, and when
// the results are out. doc/timing-model.md derives every formula, with drawings.
//
// Modelled
//   Dataflow. What the array keeps is cut into folds of R x C; what it does not keep streams through, one row or column
//   of operands a cycle, skewed by a cycle from row to row and from column to column:
//       output  keeps C   ceil(m/R) ceil(n/C) folds   streams k terms
//       weight  keeps B   ceil(k/R) ceil(n/C) folds   streams m rows of A      R cycles to load the weights
//       input   keeps A   ceil(k/R) ceil(m/C) folds   streams n columns of B   R cycles to load
//       dot     keeps nothing: R trees of C lanes each take a row of A and stream the columns of B, ceil(k/C) cycles
//               each; ceil(m/R) folds; a product reaches its sum through a multiplier, ceil(log2 C) levels of adders
//               and an accumulator
//   Serial folds, one after the other:
//       output  ceil(m/R) ceil(n/C) (k + R + C - 2)
//       weight  ceil(k/R) ceil(n/C) (2R + C + m - 2)
//       input   ceil(k/R) ceil(m/C) (2R + C + n - 2)
//       dot     ceil(m/R) (n ceil(k/C) + ceil(log2 C) + 2)
//   Overlapped folds. A second set of registers (accumulators, weights) lets a fold enter behind the one before. It
//   cannot enter earlier than R cycles after it, because a column hands over one result, or takes one weight, a cycle.
//   With F folds of s streamed cycles each:
//       output          (F - 1) max(k, R) + k + R + C - 2
//       weight, input   R + (F - 1) max(s, R) + s + R + C - 2
//       dot             F n ceil(k/C) + ceil(log2 C) + 2
//   Edge folds. `full`: a fold that uses r < R rows or c < C columns takes as long as any other. `trimmed`: r and c
//   stand in R's and C's place, which takes a way into and out of every row and column.
//
// Not modelled
//   Latency of a cell: a multiply-add is done in the cycle its operands meet. What sums begin with: it enters beside
//   the first operands. The last fold's way out of the array: it leaves with the write. (SCALE-Sim's form for
//   output-stationary arrays, 2R + C + k - 2, counts R cycles a fold for that.) The order of sums in a tree of adders:
//   numbers are always added in the order of k (ip/numerics/matrix_product.h).
//
// Sources: H. T. Kung, Why systolic architectures?, Computer 15(1), 1982; A. Samajdar et al., SCALE-Sim: Systolic CNN
// Accelerator Simulator, arXiv:1811.02883, 2018, and A Systematic Methodology for Characterizing Scalability of DNN
// Accelerators using SCALE-Sim, ISPASS 2020, section III (its tool prints the index of the last cycle, one less);
// NVIDIA, NVDLA hardware architecture specification, convolution core, 2018 (dot products).
#pragma once

#include <cstdint>

#include "ip/engine/engine_parameters.h"

namespace gradus::ip {

/// C[m, n] = A[m, k] B[k, n]
struct MatrixShape {
    std::uint32_t m = 1;
    std::uint32_t n = 1;
    std::uint32_t k = 1;
};

/// The folds of a product in their order: an outer fold is a panel of rows of C (of columns, in a weight-stationary
/// array) and consists of `inner` folds. Every question is answered in constant time.
class MatrixFolds {
public:
    /// All three dimensions are 1 or more.
    MatrixFolds(const MatrixShape& shape, const MatrixParameters& parameters);

    std::uint64_t outer() const { return outer_.count(); }
    std::uint64_t inner() const { return inner_.count(); }
    std::uint64_t count() const { return outer() * inner(); }
    /// Rows (columns) of C in an outer fold; fewer may be left for the last.
    std::uint32_t outer_size() const { return outer_.size; }

    /// From the first operand into the array to the last result, startup not included.
    Cycles cycles() const { return cycles_until(outer()); }
    /// The same for the first `panels` outer folds, 1 or more.
    Cycles cycles_until(std::uint64_t panels) const;

private:
    /// A dimension cut into pieces of `size`, the last of which may be smaller.
    struct Cut {
        std::uint32_t size = 1;
        std::uint64_t whole = 0; ///< pieces of that size
        std::uint32_t edge = 0;  ///< size of the last one, if it is smaller; else 0
        std::uint64_t count() const { return whole + (edge ? 1 : 0); }
    };
    static Cut cut(std::uint32_t extent, std::uint32_t size) { return {size, extent / size, extent % size}; }

    /// One fold in time: what it keeps is loaded, operands stream, and the wave runs out of the array.
    struct Fold {
        Cycles load = 0;
        Cycles stream = 0;
        Cycles skew = 0; ///< the last result lags that far behind the last operand
        Cycles hold = 0; ///< no other fold may begin to stream earlier than that after this one
    };
    Fold fold(std::uint32_t outer_piece, std::uint32_t inner_piece) const;

    class Timeline;
    void line(Timeline& timeline, std::uint32_t outer_piece) const;

    const MatrixParameters parameters_;
    Cut outer_, inner_;
    Cycles stream_ = 0;
};

/// Levels of a tree over `leaves`: ceil(log2 leaves).
Cycles tree_levels(std::uint64_t leaves);

} // namespace gradus::ip
