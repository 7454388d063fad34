// SPDX-License-Identifier: Apache-2.0
// What stands between a matrix unit's operands and its results: an array that says how long a product takes and what
// comes out. TimingArray answers with closed forms (matrix_folds.h) and the host's arithmetic
// (ip/numerics/matrix_product.h); ip/engine/rtl has one that simulates the RTL. Both give the same numbers, bit for
// bit.
#pragma once

#include <cstdint>
#include <optional>

#include "ip/engine/matrix_folds.h"
#include "ip/numerics/matrix_product.h"

namespace gradus::ip {

/// Rows and columns of C.
struct MatrixBlock {
    std::uint32_t row = 0;
    std::uint32_t rows = 0;
    std::uint32_t col = 0;
    std::uint32_t cols = 0;
};

/// A product as fp32 values: C = A B + `c` + `bias`. Without values (a.data null) it is one in time alone.
struct MatrixTask {
    MatrixShape shape;
    MatrixView a;                ///< [m, k]
    MatrixView b;                ///< [k, n]
    const float* c = nullptr;    ///< [m, n] without gaps, what sums begin with; null: zeros
    const float* bias = nullptr; ///< [n], added to that; null: none

    /// What row `row` of the results begins with, from column `col` on.
    void begin_row(std::uint32_t row, std::uint32_t col, std::uint32_t cols, float* sums) const;
};

class MatrixArray {
public:
    virtual ~MatrixArray() = default;
    /// Takes on a product.
    virtual void start(const MatrixTask& task) = 0;
    /// Cycles from the product's first operand until the results of its first `outer` outer folds are out.
    virtual Cycles cycles_until(std::uint64_t outer) = 0;
    /// Fills c, [rows, cols] of `block` without gaps. `task` is the one taken on, with its values wherever they are
    /// now.
    virtual void results(const MatrixTask& task, const MatrixBlock& block, float* c) = 0;
};

class TimingArray final : public MatrixArray {
public:
    explicit TimingArray(const MatrixParameters& parameters) : parameters_(parameters) {}

    void start(const MatrixTask& task) override { folds_.emplace(task.shape, parameters_); }
    Cycles cycles_until(std::uint64_t outer) override { return folds_->cycles_until(outer); }
    /// Computes the block now, so that what nobody asks for costs nothing.
    void results(const MatrixTask& task, const MatrixBlock& block, float* c) override;

private:
    const MatrixParameters parameters_;
    std::optional<MatrixFolds> folds_;
    MatrixProduct product_;
};

} // namespace gradus::ip
