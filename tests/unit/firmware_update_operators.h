// SPDX-License-Identifier: Apache-2.0
// Random instances of the optimizers and of what limits their gradients, for firmware_operators.h.
#pragma once

#include <algorithm>
#include <cmath>

#include "tests/unit/firmware_program.h"

namespace gradus::test {

/// What an update of mixed precision has more than a plain one.
struct MixedOperands {
    Matrix weight, factor;
    double scale() const { return factor.rows ? factor.at(0, 0) : 1; }
};

inline MixedOperands maybe_mixed(Program& p, bool mixed, std::uint32_t rows, std::uint32_t cols) {
    if (!mixed) return {};
    return {p.coin() ? p.matrix(rows, cols) : Matrix{}, p.coin() ? p.matrix(1, 1) : Matrix{}};
}

inline void add_adam_of(Program& p, bool mixed) {
    const std::uint32_t rows = p.coin() ? 1 : p.number(2, 8), cols = p.number(1, 3000 / rows);
    std::vector<Matrix> m;
    for (int i = 0; i < 4; ++i)
        m.push_back(p.matrix(rows, cols));
    const MixedOperands more = maybe_mixed(p, mixed, rows, cols);
    const double scale = more.scale();
    for (std::uint32_t r = 0; r < rows; ++r)
        for (std::uint32_t c = 0; c < cols; ++c)
            m[3].at(r, c) = std::abs(m[3].at(r, c));
    std::vector<Matrix> operands = m;
    if (mixed) operands.insert(operands.end(), {more.weight, more.factor});
    OpRecord& op = p.op(mixed ? OP_ADAM_MIXED : OP_ADAM, operands, rows, cols);
    op.scalar[0] = 0.875F;
    op.scalar[1] = 0.75F;
    op.scalar[2] = 1e-8F;
    p.update = {0.5F, 1.25F, 0.0625F, 0, 0.9375F, -0.5F};
    const auto gradient = [&](auto r, auto c) { return scale * m[1].at(r, c); };
    const auto first = [&](auto r, auto c) { return 0.875 * m[2].at(r, c) + 0.125 * gradient(r, c); };
    const auto second = [&](auto r, auto c) { return 0.75 * m[3].at(r, c) + 0.25 * gradient(r, c) * gradient(r, c); };
    p.expect("first moment", m[2], tabulate(rows, cols, first));
    p.expect("second moment", m[3], tabulate(rows, cols, second));
    const Numbers updated = tabulate(rows, cols, [&](auto r, auto c) {
        return m[0].at(r, c) * (1 - 0.0625) - 0.5 * first(r, c) / (std::sqrt(second(r, c) * 1.25) + 1e-8);
    });
    p.expect("parameter", m[0], updated);
    if (more.weight.rows) p.expect("weight", more.weight, updated);
}

inline void add_adam(Program& p) { add_adam_of(p, false); }
inline void add_adam_mixed(Program& p) { add_adam_of(p, true); }

inline void add_sgd_of(Program& p, bool mixed) {
    const std::uint32_t rows = p.coin() ? 1 : p.number(2, 8), cols = p.number(1, 3000 / rows);
    const Matrix parameter = p.matrix(rows, cols), gradient = p.matrix(rows, cols);
    const Matrix velocity = p.coin() ? p.matrix(rows, cols) : Matrix{};
    const MixedOperands more = maybe_mixed(p, mixed, rows, cols);
    std::vector<Matrix> operands{parameter, gradient, velocity};
    if (mixed) operands.insert(operands.end(), {more.weight, more.factor});
    p.op(mixed ? OP_SGD_MIXED : OP_SGD, operands, rows, cols).scalar[0] = 0.875F;
    p.update.kept = 1 - 0.0625F;
    p.update.step_back = -0.5F;
    const Numbers moved = tabulate(rows, cols, [&](auto r, auto c) {
        return (velocity.rows ? 0.875 * velocity.at(r, c) : 0) + more.scale() * gradient.at(r, c);
    });
    if (velocity.rows) p.expect("velocity", velocity, moved);
    const Numbers updated = tabulate(
        rows, cols, [&](auto r, auto c) { return parameter.at(r, c) * (1 - 0.0625) - 0.5 * moved[r * cols + c]; });
    p.expect("parameter", parameter, updated);
    if (more.weight.rows) p.expect("weight", more.weight, updated);
}

inline void add_sgd(Program& p) { add_sgd_of(p, false); }
inline void add_sgd_mixed(Program& p) { add_sgd_of(p, true); }

inline void add_square_sum(Program& p) {
    const std::uint32_t rows = p.number(1, 60), cols = row_length(p);
    const Matrix sum = p.matrix(1, 1), x = p.matrix(rows, cols);
    const bool accumulate = maybe_accumulates(p, p.op(OP_SQUARE_SUM, {sum, x}, rows, cols), 0);
    double squares = accumulate ? sum.at(0, 0) : 0;
    for (const double value : x.values())
        squares += value * value;
    p.expect("square sum", sum, {squares});
}

inline void add_clip(Program& p) {
    const Matrix factor = p.matrix(1, 1), squares = p.matrix(1, 1);
    squares.at(0, 0) = p.number(0, 3) ? std::abs(p.real()) : 0;
    OpRecord& op = p.op(OP_CLIP, {factor, squares}, 1, 1);
    op.scalar[0] = 0.5F;
    op.scalar[1] = p.coin() ? 1 : 0.125F;
    p.expect("factor", factor, {std::min<double>(op.scalar[1], 0.5 / std::sqrt(squares.at(0, 0)))});
}

} // namespace gradus::test
