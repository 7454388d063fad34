// SPDX-License-Identifier: Apache-2.0
// Bounds of what fp32 makes of a number: no order of operations leaves them, and they are not much wider than they
// must be.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "platform/schedule/ops/products.h"
#include "platform/schedule/ops/rounding.h"

namespace gradus::schedule_rounding_test {
namespace {

using schedule::Bounded;
using schedule::Sum;

constexpr double u = schedule::fp32_roundoff;
constexpr double infinity = std::numeric_limits<double>::infinity();

class Rounding : public testing::Test {
protected:
    Rounding() { RecordProperty("seed", std::to_string(seed_)); }

    double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
    /// Of very different magnitudes, and of both signs.
    float any() { return static_cast<float>(std::exp2(uniform(-12, 12)) * (uniform(-1, 1) < 0 ? -1 : 1)); }
    /// What fp32 may have where `number` is meant: still within its bound when fp32 has rounded it.
    float within(const Bounded& number) {
        const double error = std::max(0.0, number.error - u * (std::abs(number.value) + number.error));
        return static_cast<float>(number.value + error * uniform(-1, 1));
    }
    Bounded uncertain(double value) {
        Bounded number = value;
        number.error = std::abs(value) * std::exp2(uniform(-20, -3)) + 1e-7;
        return number;
    }

    const unsigned seed_ = std::random_device()();
    std::mt19937 random_{seed_};
};

void expect_within(const Bounded& bounded, float computed, unsigned seed) {
    EXPECT_LE(std::abs(static_cast<double>(computed) - bounded.value), bounded.error) << "seed " << seed;
}

float sum_in_tree(const std::vector<float>& terms, std::size_t first, std::size_t count) {
    if (count == 1) return terms[first];
    return sum_in_tree(terms, first, count / 2) + sum_in_tree(terms, first + count / 2, count - count / 2);
}

TEST_F(Rounding, NoOrderOfASumLeavesItsBound) {
    for (int round = 0; round < 200; ++round) {
        std::vector<float> terms(1 + random_() % 300);
        for (float& term : terms)
            term = any();
        Sum<Bounded> sum;
        for (const float term : terms)
            sum.add(static_cast<double>(term));
        const Bounded total = sum.total();
        for (int order = 0; order < 5; ++order) {
            expect_within(total, std::accumulate(terms.begin(), terms.end(), 0.0F), seed_);
            expect_within(total, sum_in_tree(terms, 0, terms.size()), seed_);
            std::shuffle(terms.begin(), terms.end(), random_);
        }
        EXPECT_LE(total.error, 1.01 * (static_cast<double>(terms.size()) + 1) * u * sum.magnitude());
    }
}

TEST_F(Rounding, OperationsCarryOnTheErrorsOfWhatTheyTake) {
    for (int round = 0; round < 2000; ++round) {
        const Bounded a = uncertain(any()), b = uncertain(any());
        const float x = within(a), y = within(b);
        expect_within(a + b, x + y, seed_);
        expect_within(a - b, x - y, seed_);
        expect_within(a * b, x * y, seed_);
        expect_within(a / b, x / y, seed_);
        expect_within(smaller(a, b), std::min(x, y), seed_);
        const Bounded small = uncertain(uniform(-8, 8));
        const float z = within(small);
        expect_within(exp(small), std::exp(z), seed_);
        expect_within(tanh(small), std::tanh(z), seed_);
        expect_within(normal_below(small), 0.5F * std::erfc(-z * 0.707106781F), seed_);
        const Bounded positive = uncertain(std::abs(any()));
        expect_within(sqrt(positive), std::sqrt(within(positive)), seed_);
        expect_within(log(positive), std::log(within(positive)), seed_);
    }
}

TEST_F(Rounding, OfExactNumbersAFewRoundingsAreAll) {
    for (int round = 0; round < 2000; ++round) {
        const double a = static_cast<double>(any()), b = static_cast<double>(any());
        const auto roundings = [](const Bounded& number) { return number.error / (std::abs(number.value) * u); };
        EXPECT_LE(roundings(Bounded(a) + Bounded(b)), 1.01);
        EXPECT_LE(roundings(Bounded(a) * Bounded(b)), 1.01);
        EXPECT_LE(roundings(Bounded(a) / Bounded(b)), 1.01);
        EXPECT_LE(roundings(sqrt(Bounded(std::abs(a)))), 1.01);
        EXPECT_LE(roundings(exp(Bounded(uniform(-8, 8)))), 5.01);
        EXPECT_LE(roundings(tanh(Bounded(uniform(-8, 8)))), 9.01);
    }
}

TEST_F(Rounding, ProductsOfMatricesAreSumsOfTheirTerms) {
    for (int round = 0; round < 20; ++round) {
        const std::size_t m = 1 + random_() % 9, n = 1 + random_() % 9, k = 1 + random_() % 150;
        std::vector<Bounded> a(m * k);
        std::vector<double> b(k * n);
        for (Bounded& number : a)
            number = round % 2 ? uncertain(any()) : Bounded(static_cast<double>(any()));
        for (double& number : b)
            number = static_cast<double>(any());
        const std::vector<Sum<Bounded>> sums = schedule::product(m, n, k, a, b);
        for (std::size_t row = 0; row < m; ++row)
            for (std::size_t col = 0; col < n; ++col) {
                float computed = 0;
                for (std::size_t x = 0; x < k; ++x)
                    computed += within(a[row * k + x]) * static_cast<float>(b[x * n + col]);
                expect_within(sums[row * n + col].total(), computed, seed_);
            }
    }
}

TEST_F(Rounding, WhatMayOverflowHasNoBound) {
    const Bounded large = 1e30;
    EXPECT_EQ((large * large).error, infinity);
    EXPECT_EQ((large * large * Bounded(0)).error, infinity) << "nor has what is computed from it";
    Sum<Bounded> sum;
    for (const double term : {3e38, 3e38, -3e38, -3e38})
        sum.add(term);
    EXPECT_EQ(sum.total().value, 0);
    EXPECT_EQ(sum.total().error, infinity) << "a part of it may";
    EXPECT_EQ((large / (Bounded(1) - (Bounded(1) + Bounded(1e-30)))).error, infinity)
        << "nor what is divided by nothing";
    EXPECT_EQ((Bounded(std::numeric_limits<double>::quiet_NaN()) + large).error, infinity);
}

} // namespace
} // namespace gradus::schedule_rounding_test
