// SPDX-License-Identifier: Apache-2.0
#include "ip/numerics/vector_kernels.h"

#include <cmath>

namespace gradus::ip {

namespace {

constexpr float gelu_linear = 0.797884561F; // sqrt(2 / pi)
constexpr float gelu_cubic = 0.044715F;

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

/// 2u of the tanh form of GELU: 0.5 (1 + tanh u) = sigmoid(2u), which loses no digits where tanh u nears -1.
float gelu_argument(float x) { return 2.0F * gelu_linear * x * (1.0F + gelu_cubic * x * x); }

float gelu_derivative(float x) {
    const float s = sigmoid(gelu_argument(x));
    return s + x * s * (1.0F - s) * 2.0F * gelu_linear * (1.0F + 3.0F * gelu_cubic * x * x);
}

constexpr float sqrt_half = 0.707106781F;
constexpr float gauss = 0.398942280F; // 1 / sqrt(2 pi)

/// The normal distribution below x: 0.5 (1 + erf(x / sqrt(2))), by erfc, which loses no digits where erf nears -1.
float normal_below(float x) { return 0.5F * std::erfc(-x * sqrt_half); }

float silu_derivative(float x) {
    const float s = sigmoid(x);
    return s + x * s * (1.0F - s);
}

template <class Function>
void for_each(Shape shape, TargetRows dst, SourceRows a, Function function) {
    for (std::size_t r = 0; r < shape.rows; ++r) {
        float* to = dst.row(r);
        const float* from = a.row(r);
        for (std::size_t c = 0; c < shape.cols; ++c)
            to[c] = function(from[c]);
    }
}

template <class Function>
void for_each_pair(Shape shape, TargetRows dst, SourceRows a, SecondSource b, Function function) {
    for (std::size_t r = 0; r < shape.rows; ++r) {
        float* to = dst.row(r);
        const float* left = a.row(r);
        if (b.one_a_row) {
            const float right = b.rows.data[r];
            for (std::size_t c = 0; c < shape.cols; ++c)
                to[c] = function(left[c], right);
        } else {
            const float* right = b.rows.row(r);
            for (std::size_t c = 0; c < shape.cols; ++c)
                to[c] = function(left[c], right[c]);
        }
    }
}

/// Eight partial results of the row's values, then a tree.
template <class Value, class Combine>
float reduce(std::size_t cols, float neutral, Value value, Combine combine) {
    constexpr std::size_t parts = 8;
    float part[parts];
    for (float& p : part)
        p = neutral;
    std::size_t c = 0;
    for (; c + parts <= cols; c += parts)
        for (std::size_t i = 0; i < parts; ++i)
            part[i] = combine(part[i], value(c + i));
    for (std::size_t i = 0; c < cols; ++i, ++c)
        part[i] = combine(part[i], value(c));
    for (std::size_t width = parts / 2; width > 0; width /= 2)
        for (std::size_t i = 0; i < width; ++i)
            part[i] = combine(part[i], part[i + width]);
    return part[0];
}

constexpr auto larger = [](float a, float b) { return b > a ? b : a; };
constexpr auto plus = [](float a, float b) { return a + b; };

} // namespace

void apply(Binary operation, Shape shape, TargetRows dst, SourceRows a, SecondSource b, float s0, float s1) {
    const auto run = [&](auto function) { for_each_pair(shape, dst, a, b, function); };
    switch (operation) {
    case Binary::add:
        return run(plus);
    case Binary::sub:
        return run([](float x, float y) { return x - y; });
    case Binary::mul:
        return run([](float x, float y) { return x * y; });
    case Binary::max:
        return run(larger);
    case Binary::blend:
        return run([=](float x, float y) { return x * s0 + y * s1; });
    case Binary::relu_backward:
        return run([](float x, float dy) { return x > 0.0F ? dy : 0.0F; });
    case Binary::gelu_backward:
        return run([](float x, float dy) { return gelu_derivative(x) * dy; });
    case Binary::silu_backward:
        return run([](float x, float dy) { return silu_derivative(x) * dy; });
    case Binary::gelu_erf_backward:
        return run([](float x, float dy) { return (normal_below(x) + x * gauss * std::exp(-0.5F * x * x)) * dy; });
    }
}

void apply(Unary operation, Shape shape, TargetRows dst, SourceRows a, float s0, float s1) {
    const auto run = [&](auto function) { for_each(shape, dst, a, function); };
    switch (operation) {
    case Unary::affine:
        return run([=](float x) { return x * s0 + s1; });
    case Unary::exp:
        return run([](float x) { return std::exp(x); });
    case Unary::log:
        return run([](float x) { return std::log(x); });
    case Unary::reciprocal:
        return run([](float x) { return 1.0F / x; });
    case Unary::rsqrt:
        return run([](float x) { return 1.0F / std::sqrt(x); });
    case Unary::relu:
        return run([](float x) { return x < 0.0F ? 0.0F : x; });
    case Unary::gelu:
        return run([](float x) { return x / (1.0F + std::exp(-gelu_argument(x))); });
    case Unary::silu:
        return run([](float x) { return x / (1.0F + std::exp(-x)); });
    case Unary::gelu_erf:
        return run([](float x) { return x * normal_below(x); });
    }
}

void causal_mask(Shape shape, TargetRows dst, SourceRows a, std::size_t period, float masked) {
    for (std::size_t r = 0; r < shape.rows; ++r) {
        float* to = dst.row(r);
        const float* from = a.row(r);
        const std::size_t last = r % period;
        for (std::size_t c = 0; c < shape.cols; ++c)
            to[c] = c <= last ? from[c] : masked;
    }
}

void window_mask(Shape shape, TargetRows dst, SourceRows a, Window window, float masked) {
    for (std::size_t r = 0; r < shape.rows; ++r) {
        float* to = dst.row(r);
        const float* from = a.row(r);
        const std::uint64_t last = (window.first_row + r) % window.period;
        for (std::size_t c = 0; c < shape.cols; ++c)
            to[c] = last - (window.first_col + c) < window.size ? from[c] : masked; // above the diagonal it wraps
    }
}

void row_sum(Shape shape, float* dst, SourceRows a) {
    for (std::size_t r = 0; r < shape.rows; ++r) {
        const float* row = a.row(r);
        dst[r] = reduce(
            shape.cols, 0.0F, [=](std::size_t c) { return row[c]; }, plus);
    }
}

void row_max(Shape shape, float* dst, SourceRows a) {
    for (std::size_t r = 0; r < shape.rows; ++r) {
        const float* row = a.row(r);
        dst[r] = reduce(
            shape.cols, row[0], [=](std::size_t c) { return row[c]; }, larger);
    }
}

void row_dot(Shape shape, float* dst, SourceRows a, SecondSource b) {
    for (std::size_t r = 0; r < shape.rows; ++r) {
        const float* left = a.row(r);
        const float* right = b.one_a_row ? b.rows.data + r : b.rows.row(r);
        if (b.one_a_row)
            dst[r] = reduce(
                shape.cols, 0.0F, [=](std::size_t c) { return left[c] * *right; }, plus);
        else
            dst[r] = reduce(
                shape.cols, 0.0F, [=](std::size_t c) { return left[c] * right[c]; }, plus);
    }
}

void column_sum(Shape shape, float* dst, SourceRows a) {
    for (std::size_t c = 0; c < shape.cols; ++c)
        dst[c] = 0.0F;
    add_to_column_sum(shape, dst, a);
}

void add_to_column_sum(Shape shape, float* dst, SourceRows a) {
    for (std::size_t r = 0; r < shape.rows; ++r) {
        const float* row = a.row(r);
        for (std::size_t c = 0; c < shape.cols; ++c)
            dst[c] += row[c];
    }
}

void column_max(Shape shape, float* dst, SourceRows a) {
    const float* first = a.row(0);
    for (std::size_t c = 0; c < shape.cols; ++c)
        dst[c] = first[c];
    for (std::size_t r = 1; r < shape.rows; ++r) {
        const float* row = a.row(r);
        for (std::size_t c = 0; c < shape.cols; ++c)
            dst[c] = larger(dst[c], row[c]);
    }
}

void pick(Shape shape, float* dst, SourceRows a, const std::uint32_t* index) {
    for (std::size_t r = 0; r < shape.rows; ++r)
        dst[r] = a.row(r)[index[r]];
}

void subtract_one_hot(Shape shape, TargetRows dst, SourceRows a, const std::uint32_t* index) {
    for (std::size_t r = 0; r < shape.rows; ++r) {
        float* to = dst.row(r);
        const float* from = a.row(r);
        for (std::size_t c = 0; c < shape.cols; ++c)
            to[c] = c == index[r] ? from[c] - 1.0F : from[c];
    }
}

void adam(std::size_t count, float* __restrict p, const float* __restrict g, float* __restrict m, float* __restrict v,
          const AdamScalars& scalars) {
    const AdamScalars s = scalars;
    const float keep1 = 1.0F - s.beta1;
    const float keep2 = 1.0F - s.beta2;
    for (std::size_t i = 0; i < count; ++i) {
        m[i] = s.beta1 * m[i] + keep1 * g[i];
        v[i] = s.beta2 * v[i] + keep2 * (g[i] * g[i]);
        const float step = s.step_size * m[i] / (std::sqrt(v[i] * s.correction) + s.epsilon);
        p[i] = p[i] - s.decay * p[i] - step;
    }
}

} // namespace gradus::ip
