// SPDX-License-Identifier: Apache-2.0
// Random instances of every kind of operator, each with its result in double precision.
#pragma once

#include <cmath>

#include "ip/numerics/bf16.h"
#include "platform/schedule/ops/activation.h"
#include "tests/unit/firmware_fused_operators.h"
#include "tests/unit/firmware_program.h"
#include "tests/unit/firmware_update_operators.h"

namespace gradus::test {

inline void add_add(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p);
    const Matrix y = p.matrix(rows, cols), a = p.matrix(rows, cols), b = p.matrix(rows, cols);
    const bool accumulate = maybe_accumulates(p, p.op(OP_ADD, {y, a, b}, rows, cols), 0);
    p.expect("add", y, tabulate(rows, cols, [&](auto r, auto c) {
                 return double{a.at(r, c)} + b.at(r, c) + (accumulate ? y.at(r, c) : 0);
             }));
}

constexpr std::array<std::uint8_t, 5> forward_opcode{VECTOR_RELU, VECTOR_GELU, VECTOR_SILU, VECTOR_RELU,
                                                     VECTOR_GELU_ERF};
constexpr std::array<std::uint8_t, 5> backward_opcode{VECTOR_RELU_BACKWARD, VECTOR_GELU_BACKWARD, VECTOR_SILU_BACKWARD,
                                                      VECTOR_RELU_BACKWARD, VECTOR_GELU_ERF_BACKWARD};

inline void add_activation(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p), activation = p.number(0, 4);
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows, cols);
    p.op(OP_ACTIVATION, {y, x}, rows, cols).dims[2] = activation;
    p.expect("activation", y, tabulate(rows, cols, [&](auto r, auto c) {
                 const double f = vector_element(forward_opcode[activation], x.at(r, c), 0, 0, 0);
                 return activation == ACTIVATION_RELU_SQUARED ? f * f : f;
             }));
}

inline void add_activation_backward(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p), activation = p.number(0, 4);
    const Matrix dx = p.matrix(rows, cols), dy = p.matrix(rows, cols), x = p.matrix(rows, cols);
    OpRecord& op = p.op(OP_ACTIVATION_BACKWARD, {dx, dy, x}, rows, cols);
    op.dims[2] = activation;
    const bool accumulate = maybe_accumulates(p, op, 0);
    p.expect("activation backward", dx, tabulate(rows, cols, [&](auto r, auto c) {
                 const double slope = activation == ACTIVATION_RELU_SQUARED ? 2.0 * x.at(r, c) : 1;
                 return slope * vector_element(backward_opcode[activation], x.at(r, c), dy.at(r, c), 0, 0) +
                        (accumulate ? dx.at(r, c) : 0);
             }));
}

inline void add_embed(Program& p) {
    const std::uint32_t period = p.number(1, 20), rows = period * p.number(1, 4), cols = row_length(p);
    const std::uint32_t entries = p.number(1, 30);
    const Matrix out = p.matrix(rows, cols), table = p.matrix(entries, cols);
    const Matrix position = p.number(0, 3) ? p.matrix(period, cols) : Matrix{};
    const Matrix tokens = p.indices(rows, entries);
    OpRecord& op = p.op(OP_EMBED, {out, table, position, tokens}, rows, cols);
    op.dims[2] = entries;
    op.dims[3] = period;
    p.expect("embed", out, tabulate(rows, cols, [&](auto r, auto c) {
                 return double{table.at(tokens.word(r), c)} + (position.rows ? position.at(r % period, c) : 0);
             }));
}

inline void add_embed_backward(Program& p) {
    const std::uint32_t period = p.number(1, 20), rows = period * p.number(1, 4), cols = row_length(p);
    const std::uint32_t entries = p.number(1, 30);
    const Matrix dtable = p.matrix(entries, cols), dout = p.matrix(rows, cols);
    const Matrix dposition = p.number(0, 3) ? p.matrix(period, cols) : Matrix{};
    const Matrix tokens = p.indices(rows, entries);
    OpRecord& op = p.op(OP_EMBED_BACKWARD, {dtable, dposition, dout, tokens}, rows, cols);
    op.dims[2] = entries;
    op.dims[3] = period;
    const bool adds_to_table = maybe_accumulates(p, op, 0), adds_to_position = maybe_accumulates(p, op, 1);
    p.expect("dtable", dtable, tabulate(entries, cols, [&](auto e, auto c) {
                 return sum_over(rows, [&](auto r) { return tokens.word(r) == e ? dout.at(r, c) : 0; }) +
                        (adds_to_table ? dtable.at(e, c) : 0);
             }));
    if (dposition.rows)
        p.expect("dposition", dposition, tabulate(period, cols, [&](auto t, auto c) {
                     return sum_over(rows / period, [&](auto s) { return dout.at(s * period + t, c); }) +
                            (adds_to_position ? dposition.at(t, c) : 0);
                 }));
}

inline void add_prepend(Program& p) {
    const std::uint32_t period = p.number(2, 20), sequences = p.number(1, 4), rows = period * sequences;
    const std::uint32_t cols = row_length(p);
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows - sequences, cols), first = p.matrix(1, cols);
    const Matrix position = p.coin() ? p.matrix(period, cols) : Matrix{};
    p.op(OP_PREPEND, {y, x, first, position}, rows, cols).dims[2] = period;
    p.expect("prepend", y, tabulate(rows, cols, [&](auto r, auto c) {
                 const double value = r % period == 0 ? first.at(0, c) : x.at(r - r / period - 1, c);
                 return value + (position.rows ? position.at(r % period, c) : 0);
             }));
}

inline void add_prepend_backward(Program& p) {
    const std::uint32_t period = p.number(2, 20), sequences = p.number(1, 4), rows = period * sequences;
    const std::uint32_t cols = row_length(p);
    const Matrix dx = p.matrix(rows - sequences, cols), dfirst = p.matrix(1, cols), dy = p.matrix(rows, cols);
    const Matrix dposition = p.coin() ? p.matrix(period, cols) : Matrix{};
    p.op(OP_PREPEND_BACKWARD, {dx, dfirst, dposition, dy}, rows, cols).dims[2] = period;
    const auto sum = [&](auto t, auto c) {
        return sum_over(sequences, [&](auto s) { return dy.at(s * period + t, c); });
    };
    p.expect("dx", dx, tabulate(dx.rows, cols, [&](auto r, auto c) { return dy.at(r + r / (period - 1) + 1, c); }));
    p.expect("dfirst", dfirst, tabulate(1, cols, [&](auto, auto c) { return sum(0U, c); }));
    if (dposition.rows) p.expect("dposition", dposition, tabulate(period, cols, sum));
}

inline void add_first_rows(Program& p) {
    const std::uint32_t period = p.number(1, 20), rows = p.number(1, 6), cols = row_length(p);
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows * period, cols);
    p.op(OP_FIRST_ROWS, {y, x}, rows, cols).dims[2] = period;
    p.expect("first rows", y, tabulate(rows, cols, [&](auto r, auto c) { return x.at(r * period, c); }));
}

inline void add_first_rows_backward(Program& p) {
    const std::uint32_t period = p.number(1, 20), rows = period * p.number(1, 6), cols = row_length(p);
    const Matrix dx = p.matrix(rows, cols), dy = p.matrix(rows / period, cols);
    p.op(OP_FIRST_ROWS_BACKWARD, {dx, dy}, rows, cols).dims[2] = period;
    p.expect("first rows backward", dx,
             tabulate(rows, cols, [&](auto r, auto c) { return r % period == 0 ? double{dy.at(r / period, c)} : 0; }));
}

inline Numbers reciprocal_rms(const Matrix& x, double epsilon) {
    return tabulate(1, x.rows, [&](auto, auto r) {
        return 1 /
               std::sqrt(sum_over(x.cols, [&](auto c) { return double{x.at(r, c)} * x.at(r, c); }) / x.cols + epsilon);
    });
}

inline void add_rmsnorm(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p);
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows, cols), rstd = p.matrix(1, rows);
    const Matrix gain = p.coin() ? p.matrix(1, cols) : Matrix{};
    p.op(OP_RMSNORM, {y, x, rstd, gain}, rows, cols).scalar[0] = 1e-5F;
    const Numbers s = reciprocal_rms(x, 1e-5);
    p.expect("rstd", rstd, s);
    p.expect("rmsnorm", y,
             tabulate(rows, cols, [&](auto r, auto c) { return x.at(r, c) * s[r] * (gain.rows ? gain.at(0, c) : 1); }));
}

inline void add_rmsnorm_backward(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p);
    const Matrix dx = p.matrix(rows, cols), dy = p.matrix(rows, cols), x = p.matrix(rows, cols),
                 rstd = p.matrix(1, rows);
    const bool has_gain = p.coin();
    const Matrix gain = has_gain ? p.matrix(1, cols) : Matrix{}, dgain = p.coin() ? p.matrix(1, cols) : Matrix{};
    const Numbers s = reciprocal_rms(x, 1e-5);
    for (std::uint32_t r = 0; r < rows; ++r)
        rstd.at(0, r) = static_cast<float>(s[r]);
    OpRecord& op = p.op(OP_RMSNORM_BACKWARD, {dx, dy, x, rstd, gain, dgain}, rows, cols);
    const bool accumulate = maybe_accumulates(p, op, 0), adds_to_dgain = maybe_accumulates(p, op, 5);
    const auto g = [&](auto r, auto c) { return double{dy.at(r, c)} * (has_gain ? gain.at(0, c) : 1); };
    const auto xhat = [&](auto r, auto c) { return x.at(r, c) * s[r]; };
    Numbers mean;
    for (std::uint32_t r = 0; r < rows; ++r)
        mean.push_back(sum_over(cols, [&](auto c) { return g(r, c) * xhat(r, c); }) / cols);
    // The two terms nearly cancel in short rows, which leaves fewer digits.
    p.expect("rmsnorm backward", dx,
             tabulate(rows, cols,
                      [&](auto r, auto c) {
                          return s[r] * (g(r, c) - xhat(r, c) * mean[r]) + (accumulate ? dx.at(r, c) : 0);
                      }),
             5e-4);
    if (dgain.rows)
        p.expect("dgain", dgain, tabulate(1, cols, [&](auto, auto c) {
                     return sum_over(rows, [&](auto r) { return dy.at(r, c) * xhat(r, c); }) +
                            (adds_to_dgain ? dgain.at(0, c) : 0);
                 }));
}

/// Softmax of x * scale by rows, of what is `seen(r, c)`.
template <class Seen>
Numbers softmax_of_seen(const Matrix& x, double scale, Seen seen) {
    Numbers y =
        tabulate(x.rows, x.cols, [&](auto r, auto c) { return seen(r, c) ? std::exp(x.at(r, c) * scale) : 0.0; });
    for (std::uint32_t r = 0; r < x.rows; ++r) {
        const double sum = sum_over(x.cols, [&](auto c) { return y[r * x.cols + c]; });
        for (std::uint32_t c = 0; c < x.cols; ++c)
            y[r * x.cols + c] /= sum;
    }
    return y;
}

inline Numbers softmax(const Matrix& x, double scale, std::uint32_t period) {
    return softmax_of_seen(x, scale, [&](auto r, auto c) { return !period || c <= r % period; });
}

inline void add_window_softmax(Program& p) {
    const std::uint32_t period = row_length(p), rows = p.number(1, 3) * p.number(1, 20), window = p.number(1, period);
    const Matrix y = p.matrix(rows, period), x = p.matrix(rows, period);
    OpRecord& op = p.op(OP_WINDOW_SOFTMAX, {y, x}, rows, period);
    op.scalar[0] = p.coin() ? 1.0F : 0.25F;
    op.dims[2] = period;
    op.dims[3] = window;
    p.expect("window softmax", y, softmax_of_seen(x, op.scalar[0], [&](auto r, auto c) {
                 return c <= r % period && c + window > r % period;
             }));
}

inline void add_affine(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p);
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows, cols);
    OpRecord& op = p.op(OP_AFFINE, {y, x}, rows, cols);
    op.scalar[0] = 0.75F;
    op.scalar[1] = -2.0F;
    const bool accumulate = maybe_accumulates(p, op, 0);
    p.expect("affine", y, tabulate(rows, cols, [&](auto r, auto c) {
                 return 0.75 * x.at(r, c) - 2 + (accumulate ? y.at(r, c) : 0);
             }));
}

inline void add_softmax(Program& p) {
    const bool causal = p.number(0, 2);
    const std::uint32_t period = p.number(1, 24), rows = causal ? period * p.number(1, 4) : p.number(1, 40);
    const std::uint32_t cols = causal && p.number(0, 2) ? period : row_length(p);
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows, cols);
    OpRecord& op = p.op(OP_SOFTMAX, {y, x}, rows, cols);
    op.scalar[0] = p.coin() ? 1.0F : 0.25F;
    op.flags = causal ? OP_FLAG_CAUSAL : 0;
    op.dims[2] = causal ? period : 0;
    p.expect("softmax", y, softmax(x, op.scalar[0], causal ? period : 0));
}

inline void add_softmax_backward(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p);
    const Matrix dx = p.matrix(rows, cols), dy = p.matrix(rows, cols), y = p.matrix(rows, cols);
    const double scale = p.coin() ? 1 : 0.5;
    OpRecord& op = p.op(OP_SOFTMAX_BACKWARD, {dx, dy, y}, rows, cols);
    op.scalar[0] = static_cast<float>(scale);
    const bool accumulate = maybe_accumulates(p, op, 0);
    Numbers dots;
    for (std::uint32_t r = 0; r < rows; ++r)
        dots.push_back(sum_over(cols, [&](auto c) { return double{dy.at(r, c)} * y.at(r, c); }));
    p.expect("softmax backward", dx, tabulate(rows, cols, [&](auto r, auto c) {
                 return scale * y.at(r, c) * (dy.at(r, c) - dots[r]) + (accumulate ? dx.at(r, c) : 0);
             }));
}

inline void add_cross_entropy(Program& p) {
    const std::uint32_t rows = p.number(1, 30), cols = row_length(p);
    const Matrix probability = p.matrix(rows, cols), loss = p.matrix(1, 1), logits = p.matrix(rows, cols);
    const Matrix targets = p.indices(rows, cols), weights = p.matrix(1, rows);
    p.op(OP_CROSS_ENTROPY, {probability, loss, logits, targets, weights}, rows, cols);
    const Numbers expected = softmax(logits, 1, 0);
    p.expect("probabilities", probability, expected);
    const double sum = sum_over(
        rows, [&](auto r) { return -weights.at(0, r) * std::log(expected[std::size_t{r} * cols + targets.word(r)]); });
    p.expect("loss", loss, {sum}, 1e-4);
}

inline void add_cross_entropy_backward(Program& p) {
    const std::uint32_t rows = p.number(1, 30), cols = row_length(p);
    const Matrix dlogits = p.matrix(rows, cols), probability = p.matrix(rows, cols);
    const Matrix targets = p.indices(rows, cols), weights = p.matrix(1, rows);
    const bool accumulate =
        maybe_accumulates(p, p.op(OP_CROSS_ENTROPY_BACKWARD, {dlogits, probability, targets, weights}, rows, cols), 0);
    p.expect("dlogits", dlogits,
             tabulate(rows, cols,
                      [&](auto r, auto c) {
                          return (double{probability.at(r, c)} - (targets.word(r) == c)) * weights.at(0, r) +
                                 (accumulate ? dlogits.at(r, c) : 0);
                      }),
             p.holds_bf16 ? 4e-3 : 2e-5); // where a row comes in pieces, the target's is rounded twice
}

inline void add_column_sum(Program& p) {
    const std::uint32_t rows = p.number(1, 60), cols = row_length(p);
    const Matrix y = p.matrix(1, cols), x = p.matrix(rows, cols);
    const bool accumulate = maybe_accumulates(p, p.op(OP_COLUMN_SUM, {y, x}, rows, cols), 0);
    p.expect("column sum", y, tabulate(1, cols, [&](auto, auto c) {
                 return sum_over(rows, [&](auto r) { return x.at(r, c); }) + (accumulate ? y.at(0, c) : 0);
             }));
}

/// Of each row: its mean, and 1 / sqrt(variance + epsilon).
struct RowMoments {
    Numbers mean, rstd;
};

inline RowMoments row_moments(const Matrix& x, double epsilon) {
    RowMoments moments;
    for (std::uint32_t r = 0; r < x.rows; ++r) {
        const double mean = sum_over(x.cols, [&](auto c) { return x.at(r, c); }) / x.cols;
        const auto square = [&](auto c) { return (x.at(r, c) - mean) * (x.at(r, c) - mean); };
        moments.mean.push_back(mean);
        moments.rstd.push_back(1 / std::sqrt(sum_over(x.cols, square) / x.cols + epsilon));
    }
    return moments;
}

inline void add_layernorm(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p);
    const auto maybe = [&](std::uint32_t count) { return p.coin() ? p.matrix(1, count) : Matrix{}; };
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows, cols), mean = maybe(rows), rstd = maybe(rows),
                 gain = maybe(cols), bias = maybe(cols);
    p.op(OP_LAYERNORM, {y, x, mean, rstd, gain, bias}, rows, cols).scalar[0] = 1e-5F;
    const RowMoments of = row_moments(x, 1e-5);
    if (mean.rows) p.expect("mean", mean, of.mean);
    if (rstd.rows) p.expect("rstd", rstd, of.rstd, 2e-4);
    p.expect("layernorm", y, tabulate(rows, cols, [&](auto r, auto c) {
                 return (x.at(r, c) - of.mean[r]) * of.rstd[r] * (gain.rows ? gain.at(0, c) : 1) +
                        (bias.rows ? bias.at(0, c) : 0);
             }));
}

inline void add_layernorm_backward(Program& p) {
    // In rows of one or two, the terms of dx cancel.
    const std::uint32_t rows = p.number(1, 40), cols = std::max(3U, row_length(p));
    const auto maybe = [&] { return p.coin() ? p.matrix(1, cols) : Matrix{}; };
    const Matrix dx = p.matrix(rows, cols), dy = p.matrix(rows, cols), x = p.matrix(rows, cols),
                 mean = p.matrix(1, rows), rstd = p.matrix(1, rows), gain = maybe(), dgain = maybe(), dbias = maybe();
    const RowMoments of = row_moments(x, 1e-5);
    for (std::uint32_t r = 0; r < rows; ++r) {
        mean.at(0, r) = static_cast<float>(of.mean[r]);
        rstd.at(0, r) = static_cast<float>(of.rstd[r]);
    }
    OpRecord& op = p.op(OP_LAYERNORM_BACKWARD, {dx, dy, x, mean, rstd, gain, dgain, dbias}, rows, cols);
    const bool adds_to_dx = maybe_accumulates(p, op, 0), adds_to_dgain = maybe_accumulates(p, op, 6),
               adds_to_dbias = maybe_accumulates(p, op, 7);
    const auto g = [&](auto r, auto c) { return double{dy.at(r, c)} * (gain.rows ? gain.at(0, c) : 1); };
    const auto xhat = [&](auto r, auto c) { return (x.at(r, c) - of.mean[r]) * of.rstd[r]; };
    Numbers g_mean, product_mean;
    for (std::uint32_t r = 0; r < rows; ++r) {
        g_mean.push_back(sum_over(cols, [&](auto c) { return g(r, c); }) / cols);
        product_mean.push_back(sum_over(cols, [&](auto c) { return g(r, c) * xhat(r, c); }) / cols);
    }
    p.expect("layernorm backward", dx,
             tabulate(rows, cols,
                      [&](auto r, auto c) {
                          return of.rstd[r] * (g(r, c) - g_mean[r] - xhat(r, c) * product_mean[r]) +
                                 (adds_to_dx ? dx.at(r, c) : 0);
                      }),
             5e-4);
    if (dgain.rows)
        p.expect("dgain", dgain, tabulate(1, cols, [&](auto, auto c) {
                     return sum_over(rows, [&](auto r) { return dy.at(r, c) * xhat(r, c); }) +
                            (adds_to_dgain ? dgain.at(0, c) : 0);
                 }));
    if (dbias.rows)
        p.expect("dbias", dbias, tabulate(1, cols, [&](auto, auto c) {
                     return sum_over(rows, [&](auto r) { return dy.at(r, c); }) + (adds_to_dbias ? dbias.at(0, c) : 0);
                 }));
}

inline void add_copy(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p);
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows, cols);
    p.op(OP_COPY, {y, x}, rows, cols);
    p.expect("copy", y, tabulate(rows, cols, [&](auto r, auto c) { return x.at(r, c); }));
}

inline void add_mul(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p);
    const Matrix y = p.matrix(rows, cols), a = p.matrix(rows, cols), b = p.matrix(rows, cols);
    const bool accumulate = p.coin();
    p.op(OP_MUL, {y, a, b}, rows, cols).operand[0].flags = accumulate ? OPERAND_ACCUMULATE : 0;
    p.expect("mul", y, tabulate(rows, cols, [&](auto r, auto c) {
                 return double{a.at(r, c)} * b.at(r, c) + (accumulate ? y.at(r, c) : 0);
             }));
}

inline void add_rope(Program& p) {
    const std::uint32_t period = p.number(1, 20), rows = period * p.number(1, 3), heads = p.number(1, 4);
    const std::uint32_t head = p.number(2, 40), half = p.number(1, head / 2), cols = heads * head;
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows, cols), angles = p.matrix(period, 2 * half);
    const double sign = p.coin() ? 1 : -1;
    OpRecord& op = p.op(OP_ROPE, {y, x, angles}, rows, cols);
    op.dims[2] = head;
    op.dims[3] = period;
    op.dims[4] = 2 * half;
    op.flags = sign < 0 ? OP_FLAG_INVERSE : 0;
    p.expect("rope", y, tabulate(rows, cols, [&](auto r, auto c) {
                 const std::uint32_t i = c % head, t = r % period;
                 if (i >= 2 * half) return double{x.at(r, c)};
                 const double cosine = angles.at(t, i % half), sine = sign * angles.at(t, half + i % half);
                 return i < half ? x.at(r, c) * cosine - x.at(r, c + half) * sine
                                 : x.at(r, c) * cosine + x.at(r, c - half) * sine;
             }));
}

inline void add_repeat(Program& p) {
    const std::uint32_t rows = p.number(1, 30), head = p.number(1, 50), heads = p.number(1, 3), group = p.number(1, 4);
    const Matrix y = p.matrix(rows, heads * group * head), x = p.matrix(rows, heads * head);
    OpRecord& op = p.op(OP_REPEAT, {y, x}, rows, y.cols);
    op.dims[2] = head;
    op.dims[3] = group;
    p.expect("repeat", y,
             tabulate(rows, y.cols, [&](auto r, auto c) { return x.at(r, c / head / group * head + c % head); }));
}

inline void add_repeat_backward(Program& p) {
    const std::uint32_t rows = p.number(1, 30), head = p.number(1, 50), heads = p.number(1, 3), group = p.number(1, 4);
    const Matrix dx = p.matrix(rows, heads * head), dy = p.matrix(rows, heads * group * head);
    OpRecord& op = p.op(OP_REPEAT_BACKWARD, {dx, dy}, rows, dx.cols);
    op.dims[2] = head;
    op.dims[3] = group;
    p.expect("repeat backward", dx, tabulate(rows, dx.cols, [&](auto r, auto c) {
                 return sum_over(group, [&](auto g) { return dy.at(r, (c / head * group + g) * head + c % head); });
             }));
}

inline void add_softcap(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p);
    const Matrix y = p.matrix(rows, cols), x = p.matrix(rows, cols);
    OpRecord& op = p.op(OP_SOFTCAP, {y, x}, rows, cols);
    const double cap = op.scalar[0] = p.coin() ? 0.5F : 30.0F, scale = op.scalar[1] = p.coin() ? 1.0F : 0.25F;
    p.expect("softcap", y,
             tabulate(rows, cols, [&](auto r, auto c) { return cap * std::tanh(scale * x.at(r, c) / cap); }), 1e-4);
}

inline void add_softcap_backward(Program& p) {
    const std::uint32_t rows = p.number(1, 40), cols = row_length(p);
    const Matrix dx = p.matrix(rows, cols), dy = p.matrix(rows, cols), y = p.matrix(rows, cols);
    const bool accumulate = p.coin();
    OpRecord& op = p.op(OP_SOFTCAP_BACKWARD, {dx, dy, y}, rows, cols);
    const double cap = op.scalar[0] = 4.0F, scale = op.scalar[1] = p.coin() ? 1.0F : 0.25F;
    op.operand[0].flags = accumulate ? OPERAND_ACCUMULATE : 0;
    p.expect("softcap backward", dx, tabulate(rows, cols, [&](auto r, auto c) {
                 return scale * dy.at(r, c) * (1 - y.at(r, c) * y.at(r, c) / (cap * cap)) +
                        (accumulate ? dx.at(r, c) : 0);
             }));
}

/// A batch of matrices, placed as heads are: side by side in the columns, below each other, or somewhere.
struct Batch {
    Matrix whole;
    std::uint32_t rows, cols, outer_stride, inner_stride;
    float& at(std::uint32_t o, std::uint32_t i, std::uint32_t r, std::uint32_t c) const {
        return *reinterpret_cast<float*>(whole.address + std::uint64_t{o} * outer_stride +
                                         std::uint64_t{i} * inner_stride + std::uint64_t{r} * whole.pitch + c * 4);
    }
};

inline Batch batch(Program& p, std::uint32_t outer, std::uint32_t inner, std::uint32_t rows, std::uint32_t cols,
                   bool result) {
    switch (p.number(0, result ? 2 : 3)) {
    case 0: { // columns
        const Matrix whole = p.matrix(outer * rows, inner * cols);
        return {whole, rows, cols, rows * whole.pitch, cols * 4};
    }
    case 1: { // rows
        const Matrix whole = p.matrix(outer * inner * rows, cols);
        return {whole, rows, cols, inner * rows * whole.pitch, rows * whole.pitch};
    }
    case 2: { // rows with a gap
        const Matrix whole = p.matrix(outer * inner * (rows + 1), cols);
        return {whole, rows, cols, inner * (rows + 1) * whole.pitch, (rows + 1) * whole.pitch};
    }
    default:
        return {p.matrix(rows, cols), rows, cols, 0, 0}; // one for all
    }
}

inline void add_matmul(Program& p) {
    const auto size = [&] { return p.number(0, 3) ? p.number(1, 24) : p.number(25, 90); };
    const std::uint32_t m = size(), n = size(), k = size();
    const bool batched = p.number(0, 2) == 0;
    const std::uint32_t outer = batched ? p.number(1, 3) : 1, inner = batched ? p.number(1, 5) : 1;
    const bool ta = p.coin(), tb = p.coin(), accumulate = p.coin(), bf16 = p.coin(), has_bias = p.coin();
    const Batch c = batch(p, outer, inner, m, n, true);
    const Batch a = batch(p, outer, inner, ta ? k : m, ta ? m : k, false);
    const Batch b = batch(p, outer, inner, tb ? n : k, tb ? k : n, false);
    const Matrix bias = has_bias ? p.matrix(1, n) : Matrix{};
    OpRecord& op = p.op(OP_MATMUL, {c.whole, a.whole, b.whole, bias}, m, n);
    op.dims[2] = k;
    op.outer_count = outer;
    op.inner_count = inner;
    const std::array<const Batch*, 3> sides{&c, &a, &b};
    for (std::size_t i = 0; i < 3; ++i) {
        op.operand[i].outer_stride = sides[i]->outer_stride;
        op.operand[i].inner_stride = sides[i]->inner_stride;
    }
    op.flags = (ta ? OP_FLAG_TRANSPOSE_A : 0) | (tb ? OP_FLAG_TRANSPOSE_B : 0) | (bf16 ? OP_FLAG_BF16 : 0);
    op.operand[0].flags = accumulate ? OPERAND_ACCUMULATE : 0;
    const bool rounds = bf16 && (p.chip.info.matrix_formats & INFO_FORMAT_BF16);
    const auto operand = [&](float value) { return double{rounds ? ip::from_bf16(ip::to_bf16(value)) : value}; };
    for (std::uint32_t o = 0; o < outer; ++o)
        for (std::uint32_t i = 0; i < inner; ++i) {
            const Numbers expected = tabulate(m, n, [&](auto r, auto s) {
                return sum_over(k,
                                [&](auto q) {
                                    return operand(ta ? a.at(o, i, q, r) : a.at(o, i, r, q)) *
                                           operand(tb ? b.at(o, i, s, q) : b.at(o, i, q, s));
                                }) +
                       (has_bias ? bias.at(0, s) : 0) + (accumulate ? c.at(o, i, r, s) : 0);
            });
            const Matrix result{c.whole.address + std::uint64_t{o} * c.outer_stride + std::uint64_t{i} * c.inner_stride,
                                m, n, c.whole.pitch};
            p.expect("matmul", result, expected);
        }
}

inline void add_matmul_fused(Program& p) {
    const auto size = [&] { return p.number(0, 3) ? p.number(1, 24) : p.number(25, 90); };
    const std::uint32_t m = size(), n = size(), k = size(), activation = p.number(0, 4);
    const bool ta = p.coin(), tb = p.coin(), bf16 = p.coin();
    const auto maybe = [&](std::uint32_t rows) { return p.coin() ? p.matrix(rows, n) : Matrix{}; };
    const Matrix c = p.matrix(m, n), a = ta ? p.matrix(k, m) : p.matrix(m, k), b = tb ? p.matrix(n, k) : p.matrix(k, n);
    const Matrix bias = maybe(1), addend = maybe(m), x = maybe(m), y = maybe(m);
    OpRecord& op = p.op(OP_MATMUL_FUSED, {c, a, b, bias, addend, x, y}, m, n);
    op.dims[2] = k;
    op.dims[3] = activation;
    op.flags = (ta ? OP_FLAG_TRANSPOSE_A : 0) | (tb ? OP_FLAG_TRANSPOSE_B : 0) | (bf16 ? OP_FLAG_BF16 : 0);
    const bool rounds = bf16 && (p.chip.info.matrix_formats & INFO_FORMAT_BF16);
    const auto operand = [&](float value) { return double{rounds ? ip::from_bf16(ip::to_bf16(value)) : value}; };
    const Numbers expected = tabulate(m, n, [&](auto r, auto s) {
        const double sum =
            sum_over(
                k,
                [&](auto q) { return operand(ta ? a.at(q, r) : a.at(r, q)) * operand(tb ? b.at(s, q) : b.at(q, s)); }) +
            (bias.rows ? bias.at(0, s) : 0) + (addend.rows ? addend.at(r, s) : 0);
        return x.rows ? sum * schedule::ops::activation_slope(activation, double{x.at(r, s)}) : sum;
    });
    p.expect("matmul fused", c, expected);
    if (y.rows)
        p.expect("its activation", y, tabulate(m, n, [&](auto r, auto s) {
                     return schedule::ops::activate(activation, expected[std::size_t{r} * n + s]);
                 }));
}

using Builder = void (*)(Program&);
constexpr std::array<std::pair<const char*, Builder>, 39> builders{{
    {"MatmulFused", add_matmul_fused},
    {"FirstRows", add_first_rows},
    {"FirstRowsBackward", add_first_rows_backward},
    {"Prepend", add_prepend},
    {"PrependBackward", add_prepend_backward},
    {"Affine", add_affine},
    {"WindowSoftmax", add_window_softmax},
    {"Embed", add_embed},
    {"EmbedBackward", add_embed_backward},
    {"Rmsnorm", add_rmsnorm},
    {"RmsnormBackward", add_rmsnorm_backward},
    {"Matmul", add_matmul},
    {"Mul", add_mul},
    {"Rope", add_rope},
    {"Repeat", add_repeat},
    {"RepeatBackward", add_repeat_backward},
    {"Softcap", add_softcap},
    {"SoftcapBackward", add_softcap_backward},
    {"Attention", add_attention},
    {"AttentionBackward", add_attention_backward},
    {"Softmax", add_softmax},
    {"SoftmaxBackward", add_softmax_backward},
    {"Add", add_add},
    {"Activation", add_activation},
    {"ActivationBackward", add_activation_backward},
    {"CrossEntropy", add_cross_entropy},
    {"CrossEntropyBackward", add_cross_entropy_backward},
    {"HeadLoss", add_head_loss},
    {"HeadLossBackward", add_head_loss_backward},
    {"Adam", add_adam},
    {"ColumnSum", add_column_sum},
    {"Layernorm", add_layernorm},
    {"LayernormBackward", add_layernorm_backward},
    {"Sgd", add_sgd},
    {"Copy", add_copy},
    {"AdamMixed", add_adam_mixed},
    {"SgdMixed", add_sgd_mixed},
    {"SquareSum", add_square_sum},
    {"Clip", add_clip},
}};

} // namespace gradus::test
