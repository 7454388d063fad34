// SPDX-License-Identifier: Apache-2.0
// optimised
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

#include "ip/numerics/matrix_product.h"

namespace gradus::ip::numerics_matrix_product_test {
namespace {

/// A product with room around its operands, to catch writes beyond them.
struct Problem {
    std::size_t m, n, k, a_stride, b_stride, c_stride;
    bool transpose_a, transpose_b;
    std::vector<float> a, b, c;

    Problem(std::mt19937& random, std::size_t m, std::size_t n, std::size_t k)
        : m(m), n(n), k(k), transpose_a(random() % 2), transpose_b(random() % 2) {
        a_stride = (transpose_a ? m : k) + random() % 3;
        b_stride = (transpose_b ? k : n) + random() % 3;
        c_stride = n + random() % 3;
        const auto fill = [&](std::size_t count) {
            std::normal_distribution<float> normal;
            std::vector<float> values(count);
            for (float& value : values)
                value = normal(random);
            return values;
        };
        a = fill((transpose_a ? k : m) * a_stride);
        b = fill((transpose_b ? n : k) * b_stride);
        c = fill(m * c_stride);
    }

    MatrixView view_a() const {
        const MatrixView stored{a.data(), a_stride, 1};
        return transpose_a ? stored.transposed() : stored;
    }
    MatrixView view_b() const {
        const MatrixView stored{b.data(), b_stride, 1};
        return transpose_b ? stored.transposed() : stored;
    }
    float a_at(std::size_t i, std::size_t p) const { return transpose_a ? a[p * a_stride + i] : a[i * a_stride + p]; }
    float b_at(std::size_t p, std::size_t j) const { return transpose_b ? b[j * b_stride + p] : b[p * b_stride + j]; }

    std::vector<float> product(MatrixProduct& unit) const {
        std::vector<float> result = c;
        unit.accumulate(m, n, k, view_a(), view_b(), result.data(), c_stride);
        return result;
    }
};

std::size_t random_size(std::mt19937& random) { return 1 + random() % (random() % 4 ? 20 : 130); }

TEST(MatrixProduct, AgreesWithDoublePrecisionOnRandomShapesAndPitches) {
    const unsigned seed = 20240601;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    MatrixProduct unit;
    for (int round = 0; round < 300; ++round) {
        const Problem problem(random, random_size(random), random_size(random), random_size(random));
        const std::vector<float> result = problem.product(unit);
        for (std::size_t i = 0; i < problem.m; ++i) {
            for (std::size_t j = 0; j < problem.n; ++j) {
                double sum = problem.c[i * problem.c_stride + j];
                double magnitude = std::abs(sum);
                for (std::size_t p = 0; p < problem.k; ++p) {
                    const double term = double{problem.a_at(i, p)} * problem.b_at(p, j);
                    sum += term;
                    magnitude += std::abs(term);
                }
                // Each of k products and k sums errs by at most half a unit in the last place of what is summed.
                const double bound = magnitude * static_cast<double>(problem.k + 1) * 0x1p-23;
                ASSERT_NEAR(result[i * problem.c_stride + j], sum, bound)
                    << problem.m << "x" << problem.n << "x" << problem.k << " at " << i << ", " << j;
            }
            for (std::size_t j = problem.n; j < problem.c_stride; ++j)
                ASSERT_EQ(result[i * problem.c_stride + j], problem.c[i * problem.c_stride + j]) << "gap overwritten";
        }
    }
}

TEST(MatrixProduct, SumsInTheOrderOfKBitForBit) {
    std::mt19937 random(7);
    MatrixProduct unit;
    for (int round = 0; round < 100; ++round) {
        const Problem problem(random, random_size(random), random_size(random), random_size(random));
        const std::vector<float> result = problem.product(unit);
        for (std::size_t i = 0; i < problem.m; ++i) {
            for (std::size_t j = 0; j < problem.n; ++j) {
                float sum = problem.c[i * problem.c_stride + j];
                for (std::size_t p = 0; p < problem.k; ++p) {
                    const float term = problem.a_at(i, p) * problem.b_at(p, j);
                    sum += term;
                }
                ASSERT_EQ(result[i * problem.c_stride + j], sum);
            }
        }
    }
}

TEST(MatrixProduct, DoesNotDependOnHowItIsCutIntoTiles) {
    std::mt19937 random(11);
    MatrixProduct unit;
    Problem problem(random, 50, 30, 40);
    problem.transpose_a = problem.transpose_b = false;
    problem.a_stride = problem.k;
    problem.b_stride = problem.c_stride = problem.n;
    const std::vector<float> whole = problem.product(unit);
    std::vector<float> tiled = problem.c;
    for (std::size_t p = 0; p < 40; p += 10)
        for (std::size_t j = 0; j < 30; j += 6)
            for (std::size_t i = 0; i < 50; i += 25)
                unit.accumulate(25, 6, 10, {problem.a.data() + i * 40 + p, 40, 1},
                                {problem.b.data() + p * 30 + j, 30, 1}, tiled.data() + i * 30 + j, 30);
    for (std::size_t i = 0; i < 50 * 30; ++i)
        ASSERT_EQ(tiled[i], whole[i]);
}

TEST(MatrixProduct, HandlesSingleRowsColumnsAndElements) {
    MatrixProduct unit;
    const std::vector<float> row{1, 2, 3}, column{10, 20, 30};
    float dot = 0.5F;
    unit.accumulate(1, 1, 3, {row.data(), 3, 1}, {column.data(), 1, 1}, &dot, 1);
    EXPECT_EQ(dot, 140.5F);
    std::vector<float> outer(9);
    unit.accumulate(3, 3, 1, {column.data(), 1, 1}, {row.data(), 3, 1}, outer.data(), 3);
    EXPECT_EQ(outer, (std::vector<float>{10, 20, 30, 20, 40, 60, 30, 60, 90}));
}

TEST(MatrixProduct, AStrideOfZeroRepeatsARow) {
    MatrixProduct unit;
    const std::vector<float> row{1, 2}, b{1, 2, 3, 4};
    std::vector<float> c(6);
    unit.accumulate(3, 2, 2, {row.data(), 0, 1}, {b.data(), 2, 1}, c.data(), 2);
    EXPECT_EQ(c, (std::vector<float>{7, 10, 7, 10, 7, 10}));
}

TEST(MatrixProduct, NansAndInfinitiesReachOnlyTheirOwnRowsAndColumns) {
    MatrixProduct unit;
    std::vector<float> a(5 * 3, 1.0F), b(3 * 5, 1.0F), c(25);
    a[1 * 3 + 2] = std::numeric_limits<float>::quiet_NaN();
    b[0 * 5 + 4] = std::numeric_limits<float>::infinity();
    unit.accumulate(5, 5, 3, {a.data(), 3, 1}, {b.data(), 5, 1}, c.data(), 5);
    for (std::size_t i = 0; i < 5; ++i) {
        for (std::size_t j = 0; j < 5; ++j) {
            EXPECT_EQ(std::isnan(c[i * 5 + j]), i == 1);
            if (i != 1) {
                EXPECT_EQ(std::isinf(c[i * 5 + j]), j == 4);
            }
        }
    }
}

} // namespace
} // namespace gradus::ip::numerics_matrix_product_test
