// SPDX-License-Identifier: Apache-2.0
// MatrixArray: what stands between the operands and the results of a matrix unit. It answers two questions: how long
// does a product take, and what comes out?
//
// There are two arrays. TimingArray answers with closed forms (matrix_folds.h) and with the host's arithmetic
// (ip/numerics/matrix_product.h). The array in ip/engine/rtl simulates the RTL. Both give the same numbers, bit for
// bit.
//
// Example: 4 x 4 output-stationary cells with serial folds, m = n = k = 16. The product has 4 outer folds (4 rows of C
// each) of 4 inner folds (4 columns each). A fold takes 16 + 4 + 4 - 2 = 22 cycles. cycles_until(1) is 88, and
// cycles_until(4) is 352.
#pragma once

#include <cstdint>
#include <optional>

#include "ip/engine/matrix_folds.h"
#include "ip/numerics/matrix_product.h"

namespace gradus::ip {

/// A part of C: `rows` rows from `row` on, and `cols` columns from `col` on.
struct MatrixBlock {
    std::uint32_t row = 0;
    std::uint32_t rows = 0;
    std::uint32_t col = 0;
    std::uint32_t cols = 0;
};

/// A product of fp32 values: C = A B + `c` + `bias`. Without values (a.data is null) the product only takes time.
struct MatrixTask {
    MatrixShape shape;
    MatrixView a;                ///< [m, k]
    MatrixView b;                ///< [k, n]
    const float* c = nullptr;    ///< [m, n] without gaps, the initial values of the sums; null: zeros
    const float* bias = nullptr; ///< [n], added to the initial values; null: none

    /// Writes the initial values of row `row` of the results, from column `col` on, to `sums`.
    void begin_row(std::uint32_t row, std::uint32_t col, std::uint32_t cols, float* sums) const;
};

class MatrixArray {
public:
    virtual ~MatrixArray() = default;
    /// Begins a product.
    virtual void start(const MatrixTask& task) = 0;
    /// Returns the cycles from the product's first operand until the results of its first `outer` outer folds are out.
    virtual Cycles cycles_until(std::uint64_t outer) = 0;
    /// Fills c, which is [rows, cols] of `block` without gaps. `task` is the product that start() began; its values may
    /// have moved since.
    virtual void results(const MatrixTask& task, const MatrixBlock& block, float* c) = 0;
};

class TimingArray final : public MatrixArray {
public:
    explicit TimingArray(const MatrixParameters& parameters) : parameters_(parameters) {}

    void start(const MatrixTask& task) override { folds_.emplace(task.shape, parameters_); }
    Cycles cycles_until(std::uint64_t outer) override { return folds_->cycles_until(outer); }
    /// Computes the block only now, so that a block that nobody asks for costs nothing.
    void results(const MatrixTask& task, const MatrixBlock& block, float* c) override;

private:
    const MatrixParameters parameters_;
    std::optional<MatrixFolds> folds_;
    MatrixProduct product_;
};

} // namespace gradus::ip
