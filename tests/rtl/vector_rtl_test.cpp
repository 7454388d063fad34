// SPDX-License-Identifier: Apache-2.0
// The vector unit's timing of row reductions against RTL of lanes and tree; with eight lanes, numbers to the bit.
#include <Vvector_reduce.h>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "ip/engine/matrix_folds.h"
#include "ip/engine/vector_timing.h"
#include "ip/numerics/vector_kernels.h"

namespace {

std::uint32_t bits(float value) {
    std::uint32_t word = 0;
    std::memcpy(&word, &value, sizeof word);
    return word;
}

float number(std::uint32_t word) {
    float value = 0;
    std::memcpy(&value, &word, sizeof value);
    return value;
}

} // namespace

extern "C" unsigned int gradus_test_add(unsigned int a, unsigned int b) { return bits(number(a) + number(b)); }

namespace gradus::ip::vector_rtl_test {
namespace {

constexpr unsigned max_lanes = 16;

struct Reduction {
    Cycles cycles = 0; ///< from the first group to the last result
    std::vector<float> sums;
};

Reduction reduce(const std::vector<float>& x, std::size_t rows, std::size_t cols, const VectorParameters& parameters) {
    Vvector_reduce rtl;
    rtl.pipelined = parameters.tree == ReductionTree::pipelined;
    rtl.lanes = parameters.lanes;
    rtl.latency = parameters.simple_latency;
    rtl.levels = tree_levels(parameters.lanes);
    const auto edge = [&] {
        for (const int clk : {0, 1}) {
            rtl.clk = clk;
            rtl.eval();
        }
    };
    rtl.valid = 0;
    rtl.reset = 1;
    edge();
    rtl.reset = 0;
    Reduction result;
    std::size_t row = 0, col = 0;
    while (result.sums.size() < rows) {
        rtl.valid = row < rows;
        rtl.first = col == 0;
        rtl.last = col + parameters.lanes >= cols;
        for (unsigned lane = 0; lane < max_lanes; ++lane) {
            const bool inside = row < rows && lane < parameters.lanes && col + lane < cols;
            rtl.x[lane] = inside ? bits(x[row * cols + col + lane]) : 0;
        }
        const bool taken = rtl.valid && rtl.ready;
        edge();
        ++result.cycles;
        if (rtl.result_valid) result.sums.push_back(number(rtl.result));
        if (!taken) continue;
        col += parameters.lanes;
        if (col < cols) continue;
        col = 0;
        ++row;
    }
    return result;
}

Cycles modelled(std::size_t rows, std::size_t cols, const VectorParameters& parameters) {
    vector_body body{};
    body.rows = static_cast<std::uint32_t>(rows);
    body.cols = static_cast<std::uint32_t>(cols);
    const VectorTime time = time_vector(VECTOR_ROW_SUM, body, parameters);
    // The unit's own adders have the latency of a step, too; here a group is added in the cycle it comes.
    return time.work + time.latency - (parameters.simple_latency - 1);
}

void expect_equal_cycles(ReductionTree tree, unsigned seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
        VectorParameters parameters;
        parameters.tree = tree;
        parameters.lanes = 1 + random() % max_lanes;
        parameters.simple_latency = 1 + random() % 5;
        const std::size_t rows = 1 + random() % 12, cols = 1 + random() % 50;
        SCOPED_TRACE(testing::Message() << rows << " x " << cols << " on " << parameters.lanes << " lanes, latency "
                                        << parameters.simple_latency);
        std::vector<float> x(rows * cols);
        for (float& value : x)
            value = static_cast<float>(static_cast<int>(random() % 2001) - 1000); // sums are exact in any order
        const Reduction hardware = reduce(x, rows, cols, parameters);
        ASSERT_EQ(hardware.cycles, modelled(rows, cols, parameters));
        std::vector<float> sums(rows);
        row_sum({rows, cols}, sums.data(), {x.data(), cols});
        ASSERT_EQ(hardware.sums, sums);
    }
}

TEST(VectorRtl, ReductionsOnTheLanesOwnAddersMatch) { expect_equal_cycles(ReductionTree::folded, 1); }

TEST(VectorRtl, ReductionsWithATreeBesideTheLanesMatch) { expect_equal_cycles(ReductionTree::pipelined, 2); }

TEST(VectorRtl, EightLanesAddInTheOrderOfTheNumerics) {
    const unsigned seed = 3;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    VectorParameters parameters;
    parameters.lanes = 8;
    for (int round = 0; round < 60; ++round) {
        parameters.tree = static_cast<ReductionTree>(round % 2);
        const std::size_t rows = 1 + random() % 5, cols = 1 + random() % 70;
        std::vector<float> x(rows * cols);
        for (float& value : x)
            value = std::ldexp(normal(random), static_cast<int>(random() % 24) - 12);
        std::vector<float> sums(rows);
        row_sum({rows, cols}, sums.data(), {x.data(), cols});
        ASSERT_EQ(reduce(x, rows, cols, parameters).sums, sums);
    }
}

} // namespace
} // namespace gradus::ip::vector_rtl_test
