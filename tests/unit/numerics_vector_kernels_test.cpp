// SPDX-License-Identifier: Apache-2.0
// optimised
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

#include "ip/numerics/vector_kernels.h"

namespace gradus::ip::numerics_vector_kernels_test {
namespace {

constexpr double sqrt_2_over_pi = 0.7978845608028654;

double gelu(double x) { return 0.5 * x * (1 + std::tanh(sqrt_2_over_pi * (x + 0.044715 * x * x * x))); }
double silu(double x) { return x / (1 + std::exp(-x)); }

std::vector<float> random_values(std::mt19937& random, std::size_t count, float low = -5, float high = 5) {
    std::uniform_real_distribution<float> uniform(low, high);
    std::vector<float> values(count);
    for (float& value : values)
        value = uniform(random);
    return values;
}

std::vector<float> unary(Unary operation, const std::vector<float>& a, float s0 = 0, float s1 = 0) {
    std::vector<float> result(a.size());
    apply(operation, {1, a.size()}, {result.data(), a.size()}, {a.data(), a.size()}, s0, s1);
    return result;
}

std::vector<float> binary(Binary operation, const std::vector<float>& a, const std::vector<float>& b, float s0 = 0,
                          float s1 = 0) {
    std::vector<float> result(a.size());
    apply(operation, {1, a.size()}, {result.data(), a.size()}, {a.data(), a.size()}, {{b.data(), b.size()}, false}, s0,
          s1);
    return result;
}

void expect_close(const std::vector<float>& result, const std::vector<float>& a,
                  const std::function<double(double)>& reference, double tolerance) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double expected = reference(a[i]);
        ASSERT_NEAR(result[i], expected, tolerance * (1 + std::abs(expected))) << "at " << a[i];
    }
}

TEST(VectorKernels, UnaryFunctionsAgreeWithDoublePrecision) {
    std::mt19937 random(1);
    const std::vector<float> any = random_values(random, 1000, -10, 10);
    const std::vector<float> positive = random_values(random, 1000, 0.001F, 100);
    expect_close(
        unary(Unary::affine, any, 2.5F, -1.25F), any, [](double x) { return x * 2.5 - 1.25; }, 1e-6);
    expect_close(
        unary(Unary::exp, any), any, [](double x) { return std::exp(x); }, 1e-6);
    expect_close(
        unary(Unary::log, positive), positive, [](double x) { return std::log(x); }, 1e-6);
    expect_close(
        unary(Unary::reciprocal, positive), positive, [](double x) { return 1 / x; }, 1e-6);
    expect_close(
        unary(Unary::rsqrt, positive), positive, [](double x) { return 1 / std::sqrt(x); }, 1e-6);
    expect_close(
        unary(Unary::relu, any), any, [](double x) { return x > 0 ? x : 0; }, 0);
    expect_close(unary(Unary::gelu, any), any, gelu, 1e-6);
    expect_close(unary(Unary::silu, any), any, silu, 1e-6);
}

TEST(VectorKernels, ActivationsStayFiniteForLargeArguments) {
    const std::vector<float> large{-1e4F, -200, 200, 1e4F};
    for (const Unary operation : {Unary::gelu, Unary::silu, Unary::relu}) {
        const std::vector<float> result = unary(operation, large);
        EXPECT_EQ(result[0], 0);
        EXPECT_EQ(result[1], 0);
        EXPECT_EQ(result[2], 200);
        EXPECT_EQ(result[3], 1e4F);
    }
    const std::vector<float> ones(4, 1.0F);
    for (const Binary operation : {Binary::gelu_backward, Binary::silu_backward, Binary::relu_backward})
        EXPECT_EQ(binary(operation, large, ones), (std::vector<float>{0, 0, 1, 1}));
}

TEST(VectorKernels, ActivationDerivativesAgreeWithFiniteDifferences) {
    std::mt19937 random(2);
    const std::vector<float> x = random_values(random, 500);
    const std::vector<float> gradient = random_values(random, 500);
    const auto check = [&](Binary operation, const std::function<double(double)>& function) {
        const std::vector<float> result = binary(operation, x, gradient);
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double step = 1e-5;
            const double slope = (function(x[i] + step) - function(x[i] - step)) / (2 * step);
            ASSERT_NEAR(result[i], slope * gradient[i], 5e-6 * (1 + std::abs(gradient[i]))) << "at " << x[i];
        }
    };
    check(Binary::gelu_backward, gelu);
    check(Binary::silu_backward, silu);
    check(Binary::relu_backward, [](double value) { return std::max(value, 0.0); });
}

TEST(VectorKernels, BinaryFunctionsTakeASecondSourceByTileRowOrColumn) {
    const std::vector<float> a{1, 2, 3, 4, 5, 6};
    const std::vector<float> tile{10, 20, 30, 40, 50, 60};
    const auto run = [&](Binary operation, SecondSource b) {
        std::vector<float> result(6);
        apply(operation, {2, 3}, {result.data(), 3}, {a.data(), 3}, b, 2.0F, -1.0F);
        return result;
    };
    const SecondSource full{{tile.data(), 3}, false}, repeated{{tile.data(), 0}, false}, column{{tile.data(), 3}, true};
    EXPECT_EQ(run(Binary::add, full), (std::vector<float>{11, 22, 33, 44, 55, 66}));
    EXPECT_EQ(run(Binary::sub, repeated), (std::vector<float>{-9, -18, -27, -6, -15, -24}));
    EXPECT_EQ(run(Binary::mul, column), (std::vector<float>{10, 20, 30, 80, 100, 120}));
    EXPECT_EQ(run(Binary::blend, full), (std::vector<float>{-8, -16, -24, -32, -40, -48}));
    EXPECT_EQ(run(Binary::max, full), tile);
}

TEST(VectorKernels, LeavesGapsBetweenRowsAlone) {
    const std::vector<float> a{1, 2, -9, 3, 4, -9};
    std::vector<float> dst(8, 7.0F);
    apply(Unary::affine, {2, 2}, {dst.data(), 4}, {a.data(), 3}, 10, 0);
    EXPECT_EQ(dst, (std::vector<float>{10, 20, 7, 7, 30, 40, 7, 7}));
}

TEST(VectorKernels, MayWorkInPlace) {
    std::vector<float> values{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    apply(Unary::affine, {2, 5}, {values.data(), 5}, {values.data(), 5}, 2, 1);
    EXPECT_EQ(values, (std::vector<float>{3, 5, 7, 9, 11, 13, 15, 17, 19, 21}));
}

TEST(VectorKernels, CausalMaskStartsAnewEveryPeriod) {
    const std::vector<float> a(4 * 3, 1.0F);
    std::vector<float> dst(12);
    causal_mask({4, 3}, {dst.data(), 3}, {a.data(), 3}, 2, -5);
    EXPECT_EQ(dst, (std::vector<float>{1, -5, -5, 1, 1, -5, 1, -5, -5, 1, 1, -5}));
}

TEST(VectorKernels, AWindowHidesWhatLiesAboveTheDiagonalOrTooFarBelow) {
    const std::vector<float> a(4 * 5, 1.0F);
    std::vector<float> dst(20);
    window_mask({4, 5}, {dst.data(), 5}, {a.data(), 5}, {6, 2, 3, 1}, 0); // rows 3, 4, 5 and 0, columns 1 to 5
    EXPECT_EQ(dst, (std::vector<float>{0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0}));
}

TEST(VectorKernels, ReductionsAgreeWithDoublePrecision) {
    std::mt19937 random(3);
    for (const std::size_t cols : {1U, 2U, 7U, 8U, 9U, 27U, 64U, 1000U}) {
        const std::size_t rows = 5;
        const std::vector<float> a = random_values(random, rows * cols);
        const std::vector<float> b = random_values(random, rows * cols);
        std::vector<float> sum(rows), largest(rows), dot(rows), columns(cols);
        row_sum({rows, cols}, sum.data(), {a.data(), cols});
        row_max({rows, cols}, largest.data(), {a.data(), cols});
        row_dot({rows, cols}, dot.data(), {a.data(), cols}, {{b.data(), cols}, false});
        column_sum({rows, cols}, columns.data(), {a.data(), cols});
        std::vector<double> column_reference(cols);
        for (std::size_t r = 0; r < rows; ++r) {
            double sum_reference = 0, dot_reference = 0;
            float max_reference = -1e9F;
            for (std::size_t c = 0; c < cols; ++c) {
                const float value = a[r * cols + c];
                sum_reference += value;
                dot_reference += double{value} * b[r * cols + c];
                max_reference = std::max(max_reference, value);
                column_reference[c] += value;
            }
            const double tolerance = 1e-6 * static_cast<double>(cols);
            EXPECT_NEAR(sum[r], sum_reference, 5 * tolerance);
            EXPECT_NEAR(dot[r], dot_reference, 25 * tolerance);
            EXPECT_EQ(largest[r], max_reference);
        }
        for (std::size_t c = 0; c < cols; ++c)
            EXPECT_NEAR(columns[c], column_reference[c], 2e-5);
    }
}

TEST(VectorKernels, RowMaximumOfInfinitiesIsOne) {
    const float low = -std::numeric_limits<float>::infinity();
    const std::vector<float> a{low, low, low};
    float result = 0;
    row_max({1, 3}, &result, {a.data(), 3});
    EXPECT_EQ(result, low);
}

TEST(VectorKernels, PickAndOneHotFollowTheIndices) {
    const std::vector<float> a{1, 2, 3, 4, 5, 6};
    const std::vector<std::uint32_t> index{2, 0};
    std::vector<float> picked(2), dst(6);
    pick({2, 3}, picked.data(), {a.data(), 3}, index.data());
    EXPECT_EQ(picked, (std::vector<float>{3, 4}));
    subtract_one_hot({2, 3}, {dst.data(), 3}, {a.data(), 3}, index.data());
    EXPECT_EQ(dst, (std::vector<float>{1, 2, 2, 3, 5, 6}));
}

TEST(VectorKernels, AdamFollowsThePublishedAlgorithmOverManySteps) {
    const double rate = 0.01, beta1 = 0.85, beta2 = 0.99, epsilon = 1e-8, decay = 0.1;
    const std::size_t count = 37;
    std::mt19937 random(4);
    std::vector<float> p = random_values(random, count, -1, 1), m(count), v(count);
    std::vector<double> p_reference(p.begin(), p.end()), m_reference(count), v_reference(count);
    for (int t = 1; t <= 50; ++t) {
        const std::vector<float> g = random_values(random, count, -1, 1);
        const double correction1 = 1 - std::pow(beta1, t), correction2 = 1 - std::pow(beta2, t);
        adam(count, p.data(), g.data(), m.data(), v.data(),
             {static_cast<float>(beta1), static_cast<float>(beta2), static_cast<float>(epsilon),
              static_cast<float>(rate / correction1), static_cast<float>(1 / correction2),
              static_cast<float>(rate * decay)});
        for (std::size_t i = 0; i < count; ++i) {
            m_reference[i] = beta1 * m_reference[i] + (1 - beta1) * g[i];
            v_reference[i] = beta2 * v_reference[i] + (1 - beta2) * g[i] * g[i];
            const double m_hat = m_reference[i] / correction1, v_hat = v_reference[i] / correction2;
            p_reference[i] -= rate * (m_hat / (std::sqrt(v_hat) + epsilon) + decay * p_reference[i]);
            ASSERT_NEAR(p[i], p_reference[i], 2e-6) << "step " << t;
            ASSERT_NEAR(m[i], m_reference[i], 1e-6);
            ASSERT_NEAR(v[i], v_reference[i], 1e-6);
        }
    }
}

} // namespace
} // namespace gradus::ip::numerics_vector_kernels_test
