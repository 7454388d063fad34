// SPDX-License-Identifier: Apache-2.0
// dims: m, n, k; of a fused product ACTIVATION_*, too. Any number of products, but one fused; the bias is one for all.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/activation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/products.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

Extent left(const image_op& op) {
    return op.flags & OP_FLAG_TRANSPOSE_A ? Extent{op.dims[2], op.dims[0]} : Extent{op.dims[0], op.dims[2]};
}
Extent right(const image_op& op) {
    return op.flags & OP_FLAG_TRANSPOSE_B ? Extent{op.dims[1], op.dims[2]} : Extent{op.dims[2], op.dims[1]};
}

/// A block of op(X) from [row, col] on, in the order of its rows, as the matrix unit sees it.
struct Block {
    std::uint64_t row, col, rows, cols;
};

template <class Value, class Number>
std::vector<Value> operand_block(const Reference<Number>& of, const ReferenceOperand<Number>& from, const Block& block,
                                 bool transposed) {
    std::vector<Value> matrix(block.rows * block.cols);
    for (std::uint64_t r = 0; r < block.rows; ++r)
        for (std::uint64_t c = 0; c < block.cols; ++c) {
            const std::uint64_t row = block.row + r, col = block.col + c;
            const double value = transposed ? from.exact(col, row) : from.exact(row, col);
            matrix[r * block.cols + c] = of.op.flags & OP_FLAG_BF16 ? rounded_to_bf16(value) : value;
        }
    return matrix;
}

/// put(row, col, sum) for each element, block by block of C, a column of blocks after the other.
template <class Number, class Put>
void multiply(const Reference<Number>& of, std::uint64_t outer, std::uint64_t inner, const Put& put) {
    constexpr std::uint64_t block_rows = 128, block_cols = 256;
    const std::uint64_t m = of.op.dims[0], n = of.op.dims[1], k = of.op.dims[2];
    const auto bias = of.operand(3);
    const auto left = of.product_operand(1, outer, inner), right = of.product_operand(2, outer, inner);
    const std::uint64_t down = (m + block_rows - 1) / block_rows, across = (n + block_cols - 1) / block_cols;
    of.spread(down * across, std::min(m, block_rows) * std::min(n, block_cols) * k, [&](auto first, auto end) {
        std::vector<double> b;
        for (std::uint64_t i = first; i < end; ++i) {
            const std::uint64_t row = i % down * block_rows, col = i / down * block_cols;
            const std::uint64_t rows = std::min(block_rows, m - row), cols = std::min(block_cols, n - col);
            if (i == first || row == 0)
                b = operand_block<double>(of, right, {0, col, k, cols}, of.op.flags & OP_FLAG_TRANSPOSE_B);
            const auto a = operand_block<Number>(of, left, {row, 0, rows, k}, of.op.flags & OP_FLAG_TRANSPOSE_A);
            std::vector<Sum<Number>> sums = product(rows, cols, k, a, b);
            for (std::uint64_t r = 0; r < rows; ++r)
                for (std::uint64_t s = 0; s < cols; ++s) {
                    Sum<Number>& sum = sums[r * cols + s];
                    if (bias.present()) sum.add(bias.at(0, col + s));
                    put(row + r, col + s, sum);
                }
        }
    });
}

std::uint64_t macs_of(const image_op& op) { return std::uint64_t{op.dims[0]} * op.dims[1] * op.dims[2]; }
std::string shape_of(const image_op& op) { return fmt::format("{}x{}x{}", op.dims[0], op.dims[1], op.dims[2]); }

constexpr unsigned of_c = 0, of_a = 1, of_b = 2, of_bias = 3;

/// C = A op(B), A never transposed: dA = dC op(B)^T
void differentiate_left(Derivation& d, const char* suffix) {
    const auto& [m, n, k] = d.dims<3>();
    const bool transposed = d.flags() & OP_FLAG_TRANSPOSE_B;
    const std::uint32_t flags = (d.flags() & OP_FLAG_BF16) | (transposed ? 0 : OP_FLAG_TRANSPOSE_B);
    d.append(OP_MATMUL, {d.share_of(of_a), d.gradient(), d.operand(of_b)},
             {{m, k, n}, flags, {}, d.batch({of_a, of_c, of_b})}, suffix);
}

/// dB = A^T dC, or dC^T A where B is stored transposed
void differentiate_right(Derivation& d, const char* suffix) {
    const auto& [m, n, k] = d.dims<3>();
    const std::uint32_t flags = (d.flags() & OP_FLAG_BF16) | OP_FLAG_TRANSPOSE_A;
    if (d.flags() & OP_FLAG_TRANSPOSE_B)
        d.append(OP_MATMUL, {d.share_of(of_b), d.gradient(), d.operand(of_a)},
                 {{n, k, m}, flags, {}, d.batch({of_b, of_c, of_a})}, suffix);
    else
        d.append(OP_MATMUL, {d.share_of(of_b), d.operand(of_a), d.gradient()},
                 {{k, n, m}, flags, {}, d.batch({of_b, of_a, of_c})}, suffix);
}

} // namespace

/// C = op(A) op(B) [+ bias]
OperatorDefinition matmul() {
    OperatorDefinition matmul;
    matmul.operands = {{"c", Role::writes, full},
                       {"a", Role::reads, left},
                       {"b", Role::reads, right},
                       {"bias", Role::reads, by_column, true}};
    matmul.reference = [](const auto& of) {
        for (std::uint64_t outer = 0; outer < of.op.outer_count; ++outer)
            for (std::uint64_t inner = 0; inner < of.op.inner_count; ++inner)
                multiply(of, outer, inner, [c = of.product_operand(0, outer, inner)](auto row, auto col, auto& sum) {
                    c.put(row, col, sum);
                });
    };
    matmul.differentiate = [](Derivation& d) {
        const bool linear = d.is_parameter(of_b);
        if (d.operand(of_a).input == StepInput::none) differentiate_left(d, linear ? ".input" : ".left");
        differentiate_right(d, linear ? ".weight" : ".right");
        if (d.operand(of_bias).present())
            d.append(OP_COLUMN_SUM, {d.share_of(of_bias), d.gradient()}, {{d.dims<3>()[0], d.dims<3>()[1]}}, ".bias");
    };
    matmul.macs = macs_of;
    matmul.shape = shape_of;
    return matmul;
}

/// c = op(A) op(B) [+ bias] [+ addend], or where x is given that times f'(x); y = f(c), where y is given
OperatorDefinition matmul_fused() {
    OperatorDefinition product;
    product.operands = {{"c", Role::writes, full},           {"a", Role::reads, left},
                        {"b", Role::reads, right},           {"bias", Role::reads, by_column, true},
                        {"addend", Role::reads, full, true}, {"x", Role::reads, full, true},
                        {"y", Role::writes, full, true}};
    product.reference = [](const auto& of) {
        const auto c = of.operand(0), addend = of.operand(4), x = of.operand(5), y = of.operand(6);
        const std::uint32_t activation = of.op.dims[3];
        multiply(of, 0, 0, [&](auto row, auto col, auto& sum) {
            if (addend.present()) sum.add(addend.at(row, col));
            const auto result = x.present() ? sum.total() * activation_slope(activation, x.at(row, col)) : sum.total();
            if (x.present())
                c.put(row, col, result);
            else
                c.put(row, col, sum);
            if (y.present()) y.put(row, col, activate(activation, result));
        });
    };
    product.macs = macs_of;
    product.shape = shape_of;
    return product;
}

} // namespace gradus::schedule::ops
