// SPDX-License-Identifier: Apache-2.0
// From opcodes to kernels.
#include "ip/engine/vector_core.h"

#include <algorithm>
#include <vector>

#include "ip/numerics/vector_kernels.h"

namespace gradus::ip {

namespace {

std::optional<Binary> binary_of(std::uint8_t opcode) {
    switch (opcode) {
    case VECTOR_ADD:
        return Binary::add;
    case VECTOR_SUB:
        return Binary::sub;
    case VECTOR_MUL:
        return Binary::mul;
    case VECTOR_MAX:
        return Binary::max;
    case VECTOR_BLEND:
        return Binary::blend;
    case VECTOR_RELU_BACKWARD:
        return Binary::relu_backward;
    case VECTOR_GELU_BACKWARD:
        return Binary::gelu_backward;
    case VECTOR_GELU_ERF_BACKWARD:
        return Binary::gelu_erf_backward;
    case VECTOR_SILU_BACKWARD:
        return Binary::silu_backward;
    default:
        return {};
    }
}

std::optional<Unary> unary_of(std::uint8_t opcode) {
    switch (opcode) {
    case VECTOR_AFFINE:
        return Unary::affine;
    case VECTOR_EXP:
        return Unary::exp;
    case VECTOR_LOG:
        return Unary::log;
    case VECTOR_RECIPROCAL:
        return Unary::reciprocal;
    case VECTOR_RSQRT:
        return Unary::rsqrt;
    case VECTOR_RELU:
        return Unary::relu;
    case VECTOR_GELU:
        return Unary::gelu;
    case VECTOR_GELU_ERF:
        return Unary::gelu_erf;
    case VECTOR_SILU:
        return Unary::silu;
    default:
        return {};
    }
}

/// The unit's copy has no gaps, except that a repeated row is there once.
SourceRows source(const float* data, std::size_t cols, std::uint32_t pitch) { return {data, pitch == 0 ? 0 : cols}; }

/// The rows of a tile without gaps as the first source of the next step.
SourceRows again(const TargetRows& tile) { return {tile.data, tile.stride}; }
SecondSource one_a_row(const float* values) { return {{values, 0}, true}; }

void scaled(Shape shape, TargetRows dst, SourceRows a, float scale) {
    if (scale != 1.0F) return apply(Unary::affine, shape, dst, a, scale, 0.0F);
    for (std::size_t r = 0; r < shape.rows; ++r)
        std::copy_n(a.row(r), shape.cols, dst.row(r));
}

Window window_of(const vector_body& body) {
    const auto& window = body.u.window;
    return {window.period, window.window, window.first_row, window.first_col};
}

/// exp(x - max) / sum of exp(x - max) by rows, in place.
void normalize(Shape shape, TargetRows dst) {
    std::vector<float> row_values(shape.rows);
    row_max(shape, row_values.data(), again(dst));
    apply(Binary::sub, shape, dst, again(dst), one_a_row(row_values.data()), 0.0F, 0.0F);
    apply(Unary::exp, shape, dst, again(dst), 0.0F, 0.0F);
    row_sum(shape, row_values.data(), again(dst));
    const Shape sums{1, shape.rows};
    apply(Unary::reciprocal, sums, {row_values.data(), 0}, {row_values.data(), 0}, 0.0F, 0.0F);
    apply(Binary::mul, shape, dst, again(dst), one_a_row(row_values.data()), 0.0F, 0.0F);
}

void softmax(const vector_body& body, Shape shape, TargetRows dst, SourceRows a) {
    const auto& s = body.u.softmax;
    scaled(shape, dst, a, s.scale);
    for (std::size_t r = 0; s.period && r < shape.rows; ++r) {
        const std::size_t visible = (s.first_row + r) % s.period + 1;
        if (visible < shape.cols) std::fill_n(dst.row(r) + visible, shape.cols - visible, VECTOR_SOFTMAX_HIDDEN);
    }
    normalize(shape, dst);
}

void window_softmax(const vector_body& body, Shape shape, TargetRows dst, SourceRows a) {
    scaled(shape, dst, a, body.u.window.value);
    window_mask(shape, dst, again(dst), window_of(body), VECTOR_SOFTMAX_HIDDEN);
    normalize(shape, dst);
}

void rmsnorm(const vector_body& body, Shape shape, TargetRows dst, SourceRows a, float* rstd) {
    const Shape row_values{1, shape.rows};
    row_dot(shape, rstd, a, {a, false});
    apply(Unary::affine, row_values, {rstd, 0}, {rstd, 0}, body.u.scalar[0], body.u.scalar[1]);
    apply(Unary::rsqrt, row_values, {rstd, 0}, {rstd, 0}, 0.0F, 0.0F);
    apply(Binary::mul, shape, dst, a, one_a_row(rstd), 0.0F, 0.0F);
}

void column_exp(Shape shape, TargetRows dst, SourceRows a, SecondSource b, float* sums) {
    apply(Binary::sub, shape, dst, a, b, 0.0F, 0.0F);
    apply(Unary::exp, shape, dst, again(dst), 0.0F, 0.0F);
    add_to_column_sum(shape, sums, again(dst));
}

AdamScalars adam_scalars(const vector_body& body) {
    const float* s = body.u.scalar;
    return {s[0], s[1], s[2], s[3], s[4], s[5]};
}

} // namespace

void compute_vector(std::uint8_t opcode, const vector_body& body, const VectorData& data) {
    const Shape shape{body.rows, body.cols};
    const TargetRows dst{data.dst, body.cols};
    const SourceRows a = source(data.a, body.cols, body.a_pitch);
    const SecondSource b{source(data.b, body.cols, body.b_pitch), body.b_mode == VECTOR_B_COLUMN};
    const float s0 = body.u.scalar[0];
    const float s1 = body.u.scalar[1];

    if (const auto binary = binary_of(opcode)) return apply(*binary, shape, dst, a, b, s0, s1);
    if (const auto unary = unary_of(opcode)) return apply(*unary, shape, dst, a, s0, s1);
    switch (opcode) {
    case VECTOR_CAUSAL_MASK:
        return causal_mask(shape, dst, a, body.u.indexed.index_limit, body.u.indexed.mask_value);
    case VECTOR_WINDOW_MASK:
        return window_mask(shape, dst, a, window_of(body), body.u.window.value);
    case VECTOR_ROW_SUM:
        return row_sum(shape, data.dst, a);
    case VECTOR_ROW_MAX:
        return row_max(shape, data.dst, a);
    case VECTOR_ROW_DOT:
        return row_dot(shape, data.dst, a, b);
    case VECTOR_COLUMN_SUM:
        return column_sum(shape, data.dst, a);
    case VECTOR_PICK:
        return pick(shape, data.dst, a, data.index);
    case VECTOR_SUBTRACT_ONE_HOT:
        return subtract_one_hot(shape, dst, a, data.index);
    case VECTOR_ADAM:
        return adam(shape.rows * shape.cols, data.dst, data.a, data.b, data.c, adam_scalars(body));
    case VECTOR_SOFTMAX:
        return softmax(body, shape, dst, a);
    case VECTOR_WINDOW_SOFTMAX:
        return window_softmax(body, shape, dst, a);
    case VECTOR_COLUMN_MAX:
        return column_max(shape, data.dst, a);
    case VECTOR_COLUMN_EXP:
        return column_exp(shape, dst, a, b, data.c);
    case VECTOR_RMSNORM:
        return rmsnorm(body, shape, dst, a, data.c);
    default:
        return;
    }
}

} // namespace gradus::ip
