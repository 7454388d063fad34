// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the vector unit on fp32 tiles [rows, cols].
//
// Elementwise results are rounded to fp32 after every operation; exp, log and erfc are the C library's (exp and log
// below one unit in the last place). max(a, b) is b > a ? b : a, so a NaN in `a` is kept. A sum over a row is taken in
// eight partial sums, element c into sum c mod 8, which are then added as a tree ((0+4)+(2+6))+((1+5)+(3+7)); a sum
// over a column goes from the first row to the last. Neither depends on the number of lanes of the chip. A destination
// may be the very rows of a source; partial overlap is not defined.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gradus::ip {

/// Row r starts at data + r * stride. A stride of 0 repeats one row.
struct SourceRows {
    const float* data = nullptr;
    std::size_t stride = 0;
    const float* row(std::size_t r) const { return data + r * stride; }
};

struct TargetRows {
    float* data = nullptr;
    std::size_t stride = 0;
    float* row(std::size_t r) const { return data + r * stride; }
};

struct Shape {
    std::size_t rows = 0;
    std::size_t cols = 0;
};

/// The second source: rows like the first, or one value for each row, [rows] side by side.
struct SecondSource {
    SourceRows rows;
    bool one_a_row = false;
};

enum class Binary {
    add,
    sub,
    mul,
    max,
    blend, ///< a s0 + b s1
    // Derivatives: a is the activation's input, b the gradient of its output.
    relu_backward,
    gelu_backward,
    silu_backward,
    gelu_erf_backward,
};

enum class Unary {
    affine, ///< a s0 + s1
    exp,
    log,
    reciprocal,
    rsqrt,
    relu,
    gelu,     ///< 0.5 a (1 + tanh u) = a / (1 + exp(-2u)) with u = sqrt(2/pi) (a + 0.044715 a^3)
    silu,     ///< a / (1 + exp(-a))
    gelu_erf, ///< 0.5 a (1 + erf(a / sqrt(2)))
};

void apply(Binary operation, Shape shape, TargetRows dst, SourceRows a, SecondSource b, float s0, float s1);
void apply(Unary operation, Shape shape, TargetRows dst, SourceRows a, float s0, float s1);

/// dst[r, c] = c <= r mod period ? a[r, c] : masked
void causal_mask(Shape shape, TargetRows dst, SourceRows a, std::size_t period, float masked);

/// What a row sees: with p = (first_row + r) mod period, columns p - size < first_col + c <= p.
struct Window {
    std::uint64_t period = 1;
    std::uint64_t size = 1;
    std::uint64_t first_row = 0;
    std::uint64_t first_col = 0;
};
/// dst[r, c] = is it seen ? a[r, c] : masked
void window_mask(Shape shape, TargetRows dst, SourceRows a, Window window, float masked);

/// dst[r] over row r of a.
void row_sum(Shape shape, float* dst, SourceRows a);
void row_max(Shape shape, float* dst, SourceRows a);
/// dst[r] = sum over c of a[r, c] b[r, c]
void row_dot(Shape shape, float* dst, SourceRows a, SecondSource b);
/// dst[c] = sum over r of a[r, c]
void column_sum(Shape shape, float* dst, SourceRows a);
/// The same from dst[c] on, so that the rows of a sum may come in parts.
void add_to_column_sum(Shape shape, float* dst, SourceRows a);
void column_max(Shape shape, float* dst, SourceRows a);

/// dst[r] = a[r, index[r]]; every index is below shape.cols.
void pick(Shape shape, float* dst, SourceRows a, const std::uint32_t* index);
/// dst[r, c] = a[r, c] - (c == index[r] ? 1 : 0)
void subtract_one_hot(Shape shape, TargetRows dst, SourceRows a, const std::uint32_t* index);

/// One step of Adam with decoupled weight decay (Kingma and Ba, 2015, algorithm 1; Loshchilov and Hutter, 2019,
/// algorithm 2), with what depends on the step number folded into scalars.
struct AdamScalars {
    float beta1 = 0;
    float beta2 = 0;
    float epsilon = 0;
    float step_size = 0;  ///< learning rate / (1 - beta1^t)
    float correction = 0; ///< 1 / (1 - beta2^t)
    float decay = 0;      ///< learning rate * weight decay
};

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
/// p = p - decay p - step_size m / (sqrt(v correction) + epsilon). The arrays do not overlap.
void adam(std::size_t count, float* p, const float* g, float* m, float* v, const AdamScalars& scalars);

} // namespace gradus::ip
