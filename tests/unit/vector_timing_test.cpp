// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <random>

#include "ip/engine/vector_timing.h"

namespace gradus::ip::vector_timing_test {
namespace {

/// Distinct numbers everywhere, and nothing pipelined.
VectorParameters four_lanes() {
    VectorParameters parameters;
    parameters.lanes = 4;
    parameters.exp_interval = 5;
    parameters.reciprocal_interval = 7;
    parameters.root_interval = 11;
    return parameters;
}

VectorTime time(std::uint8_t opcode, std::uint32_t rows, std::uint32_t cols, const VectorParameters& parameters,
                std::uint32_t period = 0) {
    vector_body body{};
    body.rows = rows;
    body.cols = cols;
    body.u.softmax.period = period;
    return time_vector(opcode, body, parameters);
}

Cycles cycles(std::uint8_t opcode, std::uint32_t rows, std::uint32_t cols,
              const VectorParameters& parameters = four_lanes(), std::uint32_t period = 0) {
    const VectorTime result = time(opcode, rows, cols, parameters, period);
    return result.work + result.latency;
}

TEST(VectorTiming, EveryRowStartsANewGroupOfLanes) {
    EXPECT_EQ(cycles(VECTOR_ADD, 16, 16), 16u * 4);
    EXPECT_EQ(cycles(VECTOR_ADD, 16, 17), 16u * 5) << "one element more costs a group a row";
    EXPECT_EQ(cycles(VECTOR_ADD, 1, 64), 16u);
    EXPECT_EQ(cycles(VECTOR_ADD, 64, 1), 64u) << "a column leaves three of four lanes idle";
}

TEST(VectorTiming, EachFunctionOccupiesItsLaneForTheIntervalsOfItsSteps) {
    for (const std::uint8_t opcode :
         {VECTOR_ADD, VECTOR_SUB, VECTOR_MUL, VECTOR_MAX, VECTOR_AFFINE, VECTOR_RELU, VECTOR_RELU_BACKWARD,
          VECTOR_CAUSAL_MASK, VECTOR_WINDOW_MASK, VECTOR_SUBTRACT_ONE_HOT})
        EXPECT_EQ(cycles(opcode, 2, 8), 4u);
    EXPECT_EQ(cycles(VECTOR_BLEND, 2, 8), 4u * 2);
    EXPECT_EQ(cycles(VECTOR_EXP, 2, 8), 4u * 5);
    EXPECT_EQ(cycles(VECTOR_LOG, 2, 8), 4u * 5);
    EXPECT_EQ(cycles(VECTOR_RECIPROCAL, 2, 8), 4u * 7);
    EXPECT_EQ(cycles(VECTOR_RSQRT, 2, 8), 4u * 11);
    EXPECT_EQ(cycles(VECTOR_SILU, 2, 8), 4u * (2 + 5 + 7));
    EXPECT_EQ(cycles(VECTOR_GELU, 2, 8), 4u * (5 + 5 + 7));
    EXPECT_EQ(cycles(VECTOR_GELU_ERF, 2, 8), 4u * (11 + 5 + 7));
    EXPECT_EQ(cycles(VECTOR_SILU_BACKWARD, 2, 8), 4u * (4 + 5 + 7));
    EXPECT_EQ(cycles(VECTOR_GELU_BACKWARD, 2, 8), 4u * (9 + 5 + 7));
    EXPECT_EQ(cycles(VECTOR_GELU_ERF_BACKWARD, 2, 8), 4u * (13 + 5 + 7));
    EXPECT_EQ(cycles(VECTOR_ADAM, 2, 8), 4u * (11 + 7 + 11));
}

TEST(VectorTiming, APipelinedUnitHidesItsLatencyBehindOtherElements) {
    VectorParameters parameters = four_lanes();
    // A table: one element a cycle, each through after 6 cycles. 4 groups take 4 cycles, the last is through 5 later.
    parameters.exp_interval = 1;
    parameters.exp_latency = 6;
    EXPECT_EQ(cycles(VECTOR_EXP, 2, 8, parameters), 4u + 5);
    EXPECT_EQ(cycles(VECTOR_EXP, 200, 8, parameters), 400u + 5);
    // An iterative unit takes the next element when it is done with one, whatever its latency says below that.
    parameters.reciprocal_interval = 7;
    parameters.reciprocal_latency = 3;
    EXPECT_EQ(cycles(VECTOR_RECIPROCAL, 2, 8, parameters), 4u * 7);
    // A chain of steps: two simple ones of 4 cycles, an exponential, a reciprocal. One element alone takes them all.
    parameters.simple_latency = 4;
    EXPECT_EQ(cycles(VECTOR_SILU, 1, 1, parameters), 2u * 4 + 6 + 7);
    // More groups follow at the sum of the intervals: two simple ones, 1 and 7 cycles.
    EXPECT_EQ(cycles(VECTOR_SILU, 1, 40, parameters), 9u * (2 + 1 + 7) + 2 * 4 + 6 + 7);
}

TEST(VectorTiming, MultiplyAddersOfALaneShareItsSimpleSteps) {
    VectorParameters parameters = four_lanes();
    parameters.multiply_adders = 2;
    EXPECT_EQ(time(VECTOR_ADAM, 2, 8, parameters).work, 4u * (6 + 7 + 11)) << "eleven steps in six cycles";
    EXPECT_EQ(time(VECTOR_BLEND, 2, 8, parameters).work, 4u);
    EXPECT_EQ(time(VECTOR_ADD, 2, 8, parameters).work, 4u) << "a single step is not divided";
    EXPECT_EQ(cycles(VECTOR_BLEND, 1, 4, parameters), 2u) << "and two that depend on each other still take two cycles";
}

TEST(VectorTiming, AValueARowAddsATreeOverTheLanesForEachRow) {
    // 3 rows of 2 groups, and two levels of a tree over 4 lanes for each row.
    for (const std::uint8_t opcode : {VECTOR_ROW_SUM, VECTOR_ROW_MAX, VECTOR_ROW_DOT, VECTOR_PICK})
        EXPECT_EQ(cycles(opcode, 3, 8), 3u * 2 + 3 * 2);
    for (const std::uint8_t opcode : {VECTOR_COLUMN_SUM, VECTOR_COLUMN_MAX})
        EXPECT_EQ(cycles(opcode, 3, 8), 3u * 2) << "columns need no tree";
    // A level takes as long as an addition does.
    VectorParameters parameters = four_lanes();
    parameters.simple_latency = 3;
    EXPECT_EQ(cycles(VECTOR_ROW_SUM, 3, 8, parameters), 3u * 2 + 3 * 2 * 3 + 2);
}

TEST(VectorTiming, ATreeBesideTheLanesIsSeenOnce) {
    VectorParameters parameters = four_lanes();
    parameters.tree = ReductionTree::pipelined;
    parameters.simple_latency = 3;
    EXPECT_EQ(time(VECTOR_ROW_SUM, 3, 8, parameters).work, 3u * 2);
    EXPECT_EQ(time(VECTOR_ROW_SUM, 3, 8, parameters).latency, 2u + 2 * 3);
    EXPECT_EQ(cycles(VECTOR_ROW_SUM, 1, 8, parameters), 1u * 2 + 2 + 2 * 3)
        << "for a single row it makes no difference";
}

TEST(VectorTiming, ATreeOverOneLaneIsFreeAndOverFiveHasThreeLevels) {
    VectorParameters parameters;
    parameters.lanes = 1;
    EXPECT_EQ(cycles(VECTOR_ROW_SUM, 2, 8, parameters), 16u);
    parameters.lanes = 5;
    EXPECT_EQ(cycles(VECTOR_ROW_SUM, 2, 8, parameters), 2u * 2 + 2 * 3);
}

TEST(VectorTiming, AFusedSoftmaxIsItsStepsWithoutTheWayThroughMemory) {
    // 3 rows of 2 groups: scale, maximum, difference, exponential, sum, product. For each row two trees of 2 levels and
    // a reciprocal.
    EXPECT_EQ(cycles(VECTOR_SOFTMAX, 3, 8), 6u * (5 + 5) + 3 * (2 + 2 + 7));
    EXPECT_EQ(cycles(VECTOR_SOFTMAX, 3, 8, four_lanes(), 4), 6u * (6 + 5) + 3 * (2 + 2 + 7)) << "and a mask";
    EXPECT_EQ(cycles(VECTOR_WINDOW_SOFTMAX, 3, 8), cycles(VECTOR_SOFTMAX, 3, 8, four_lanes(), 4));
    VectorParameters parameters = four_lanes();
    parameters.tree = ReductionTree::pipelined;
    EXPECT_EQ(cycles(VECTOR_SOFTMAX, 3, 8, parameters), 6u * (5 + 5) + 3 * 7 + (2 + 2))
        << "rows hide each other's trees";
}

TEST(VectorTiming, AFusedNormIsItsStepsWithoutTheWayThroughMemory) {
    // Squares and their sum, product; for each row a tree, a multiply-add and a root.
    EXPECT_EQ(cycles(VECTOR_RMSNORM, 3, 8), 6u * 2 + 3 * (2 + 1 + 11));
}

TEST(VectorTiming, ExponentialsOfColumnsTakeTheirStepsAndNoTree) {
    // 3 rows of 2 groups: difference, exponential, sum.
    EXPECT_EQ(cycles(VECTOR_COLUMN_EXP, 3, 8), 6u * (2 + 5));
    VectorParameters parameters = four_lanes();
    parameters.multiply_adders = 2;
    parameters.simple_latency = 3;
    EXPECT_EQ(time(VECTOR_COLUMN_EXP, 3, 8, parameters).work, 6u * (1 + 5)) << "two multiply-adders share two steps";
    EXPECT_EQ(time(VECTOR_COLUMN_EXP, 3, 8, parameters).latency, 2u * 3 + 5 - (1 + 5));
}

TEST(VectorTiming, AFusedCommandTakesTheLanesAsLongAsTheCommandsItStandsFor) {
    const unsigned seed = 77;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto size = [&](unsigned limit) { return static_cast<unsigned>(1 + random() % limit); };
    for (int round = 0; round < 2000; ++round) {
        VectorParameters p;
        p.lanes = size(64);
        p.simple_latency = size(6);
        p.exp_interval = size(8), p.exp_latency = size(12);
        p.reciprocal_interval = size(8), p.root_interval = size(8);
        const std::uint32_t rows = size(100), cols = size(100);
        const auto tile = [&](std::uint8_t opcode) { return time(opcode, rows, cols, p).work; };
        // The unit works on a row's value when it has it, so that it is a group; commands could put several in one.
        const auto value = [&](std::uint8_t opcode) { return time(opcode, rows, 1, p).work; };
        ASSERT_EQ(time(VECTOR_SOFTMAX, rows, cols, p).work,
                  tile(VECTOR_AFFINE) + tile(VECTOR_ROW_MAX) + tile(VECTOR_SUB) + tile(VECTOR_EXP) +
                      tile(VECTOR_ROW_SUM) + value(VECTOR_RECIPROCAL) + tile(VECTOR_MUL));
        ASSERT_EQ(time(VECTOR_RMSNORM, rows, cols, p).work,
                  tile(VECTOR_ROW_DOT) + value(VECTOR_AFFINE) + value(VECTOR_RSQRT) + tile(VECTOR_MUL));
        ASSERT_EQ(time(VECTOR_COLUMN_EXP, rows, cols, p).work,
                  tile(VECTOR_SUB) + tile(VECTOR_EXP) + tile(VECTOR_COLUMN_SUM));
    }
}

} // namespace
} // namespace gradus::ip::vector_timing_test
