// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_engine_core
#include <cstddef>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "ip/engine/vector_core.h"

namespace gradus::ip {
namespace {

constexpr std::uint8_t all_opcodes[] = {
    VECTOR_ADD,           VECTOR_SUB,           VECTOR_MUL,           VECTOR_MAX,
    VECTOR_BLEND,         VECTOR_AFFINE,        VECTOR_EXP,           VECTOR_LOG,
    VECTOR_RECIPROCAL,    VECTOR_RSQRT,         VECTOR_RELU,          VECTOR_GELU,
    VECTOR_SILU,          VECTOR_CAUSAL_MASK,   VECTOR_RELU_BACKWARD, VECTOR_ROW_SUM,
    VECTOR_GELU_BACKWARD, VECTOR_SILU_BACKWARD, VECTOR_ROW_MAX,       VECTOR_ROW_DOT,
    VECTOR_PICK,          VECTOR_COLUMN_SUM,    VECTOR_ADAM,          VECTOR_SUBTRACT_ONE_HOT};

vector_body gapless(std::uint32_t rows, std::uint32_t cols) {
    vector_body body{};
    body.rows = rows;
    body.cols = cols;
    body.dst = 0x1000;
    body.a = 0x2000;
    body.b = 0x3000;
    body.c = 0x4000;
    body.dst_pitch = body.a_pitch = body.b_pitch = cols * 4;
    body.u.indexed.index_limit = cols;
    return body;
}

VectorParameters four_lanes() {
    VectorParameters parameters;
    parameters.lanes = 4;
    parameters.exp_interval = 5;
    parameters.reciprocal_interval = 7;
    parameters.adam_interval = 12;
    return parameters;
}

Cycles cycles(std::uint8_t opcode, std::uint32_t rows, std::uint32_t cols) {
    return plan_vector(opcode, gapless(rows, cols), four_lanes()).compute_cycles;
}

TEST(VectorCore, EveryRowStartsANewGroupOfLanes) {
    EXPECT_EQ(cycles(VECTOR_ADD, 16, 16), 16u * 4);
    EXPECT_EQ(cycles(VECTOR_ADD, 16, 17), 16u * 5) << "one element more costs a group a row";
    EXPECT_EQ(cycles(VECTOR_ADD, 1, 64), 16u);
    EXPECT_EQ(cycles(VECTOR_ADD, 64, 1), 64u) << "a column leaves three of four lanes idle";
}

TEST(VectorCore, EachFunctionOccupiesItsLaneForItsInterval) {
    EXPECT_EQ(cycles(VECTOR_BLEND, 2, 8), 4u * 2);
    EXPECT_EQ(cycles(VECTOR_AFFINE, 2, 8), 4u);
    EXPECT_EQ(cycles(VECTOR_RELU, 2, 8), 4u);
    EXPECT_EQ(cycles(VECTOR_CAUSAL_MASK, 2, 8), 4u);
    EXPECT_EQ(cycles(VECTOR_SUBTRACT_ONE_HOT, 2, 8), 4u);
    EXPECT_EQ(cycles(VECTOR_EXP, 2, 8), 4u * 5);
    EXPECT_EQ(cycles(VECTOR_LOG, 2, 8), 4u * 5);
    EXPECT_EQ(cycles(VECTOR_RECIPROCAL, 2, 8), 4u * 7);
    EXPECT_EQ(cycles(VECTOR_RSQRT, 2, 8), 4u * 7);
    EXPECT_EQ(cycles(VECTOR_SILU, 2, 8), 4u * (5 + 1));
    EXPECT_EQ(cycles(VECTOR_GELU, 2, 8), 4u * (5 + 4));
    EXPECT_EQ(cycles(VECTOR_SILU_BACKWARD, 2, 8), 4u * (5 + 3));
    EXPECT_EQ(cycles(VECTOR_GELU_BACKWARD, 2, 8), 4u * (5 + 8));
    EXPECT_EQ(cycles(VECTOR_ADAM, 2, 8), 4u * 12);
}

TEST(VectorCore, AValueARowAddsATreeOverTheLanesForEachRow) {
    // 3 rows of 2 groups, and two levels of a tree over 4 lanes for each row.
    for (const std::uint8_t opcode : {VECTOR_ROW_SUM, VECTOR_ROW_MAX, VECTOR_ROW_DOT, VECTOR_PICK})
        EXPECT_EQ(cycles(opcode, 3, 8), 3u * 2 + 3 * 2);
    EXPECT_EQ(cycles(VECTOR_COLUMN_SUM, 3, 8), 3u * 2) << "columns need no tree";
}

TEST(VectorCore, ATreeOverOneLaneIsFreeAndOverFiveHasThreeLevels) {
    VectorParameters parameters;
    parameters.lanes = 1;
    EXPECT_EQ(plan_vector(VECTOR_ROW_SUM, gapless(2, 8), parameters).compute_cycles, 16u);
    parameters.lanes = 5;
    EXPECT_EQ(plan_vector(VECTOR_ROW_SUM, gapless(2, 8), parameters).compute_cycles, 2u * 2 + 2 * 3);
}

TEST(VectorCore, MovesOnlyWhatTheOpcodeNeeds) {
    const auto bytes = [](std::uint8_t opcode, vector_body body) {
        const VectorPlan plan = plan_vector(opcode, body, four_lanes());
        return std::vector<Bytes>{plan.a.bytes(), plan.b.bytes(), plan.c.bytes(), plan.dst.bytes()};
    };
    vector_body body = gapless(3, 8);
    EXPECT_EQ(bytes(VECTOR_EXP, body), (std::vector<Bytes>{96, 0, 0, 96}));
    EXPECT_EQ(bytes(VECTOR_ADD, body), (std::vector<Bytes>{96, 96, 0, 96}));
    EXPECT_EQ(bytes(VECTOR_ROW_MAX, body), (std::vector<Bytes>{96, 0, 0, 12}));
    EXPECT_EQ(bytes(VECTOR_ROW_DOT, body), (std::vector<Bytes>{96, 96, 0, 12}));
    EXPECT_EQ(bytes(VECTOR_COLUMN_SUM, body), (std::vector<Bytes>{96, 0, 0, 32}));
    EXPECT_EQ(bytes(VECTOR_PICK, body), (std::vector<Bytes>{96, 0, 12, 12}));
    EXPECT_EQ(bytes(VECTOR_SUBTRACT_ONE_HOT, body), (std::vector<Bytes>{96, 0, 12, 96}));
    EXPECT_EQ(bytes(VECTOR_ADAM, body), (std::vector<Bytes>{96, 96, 96, 96}));
    body.b_mode = VECTOR_B_COLUMN;
    EXPECT_EQ(bytes(VECTOR_MUL, body), (std::vector<Bytes>{96, 12, 0, 96}));
    body.b_mode = VECTOR_B_FULL;
    body.b_pitch = 0;
    EXPECT_EQ(bytes(VECTOR_MUL, body), (std::vector<Bytes>{96, 32, 0, 96})) << "a repeated row is read once";
}

struct BadField {
    const char* name;
    std::uint8_t opcode;
    std::uint32_t code;
    std::size_t offset;
    void (*spoil)(vector_body&);
};

TEST(VectorCore, EveryIllegalFieldIsNamed) {
    constexpr std::size_t limit = offsetof(vector_body, u.indexed.index_limit);
    const BadField cases[] = {
        {"rows", VECTOR_ADD, QUEUE_ERROR_VALUE, offsetof(vector_body, rows), [](vector_body& b) { b.rows = 0; }},
        {"cols", VECTOR_ADD, QUEUE_ERROR_VALUE, offsetof(vector_body, cols), [](vector_body& b) { b.cols = 0; }},
        {"huge rows", VECTOR_ADD, QUEUE_ERROR_VALUE, offsetof(vector_body, rows),
         [](vector_body& b) { b.rows = 0xffffffff, b.a_pitch = 0; }},
        {"huge cols", VECTOR_ROW_SUM, QUEUE_ERROR_VALUE, offsetof(vector_body, cols),
         [](vector_body& b) { b.cols = 0xffffffff; }},
        {"dst misaligned", VECTOR_ADD, QUEUE_ERROR_ADDRESS, offsetof(vector_body, dst),
         [](vector_body& b) { b.dst += 2; }},
        {"a misaligned", VECTOR_ADD, QUEUE_ERROR_ADDRESS, offsetof(vector_body, a), [](vector_body& b) { b.a += 2; }},
        {"b misaligned", VECTOR_ADD, QUEUE_ERROR_ADDRESS, offsetof(vector_body, b), [](vector_body& b) { b.b += 2; }},
        {"c misaligned", VECTOR_PICK, QUEUE_ERROR_ADDRESS, offsetof(vector_body, c), [](vector_body& b) { b.c += 1; }},
        {"dst wraps", VECTOR_EXP, QUEUE_ERROR_ADDRESS, offsetof(vector_body, dst),
         [](vector_body& b) { b.dst = ~std::uint64_t{3}; }},
        {"a wraps", VECTOR_EXP, QUEUE_ERROR_ADDRESS, offsetof(vector_body, a),
         [](vector_body& b) { b.a = ~std::uint64_t{3}; }},
        {"b wraps", VECTOR_SUB, QUEUE_ERROR_ADDRESS, offsetof(vector_body, b),
         [](vector_body& b) { b.b = ~std::uint64_t{3}; }},
        {"c wraps", VECTOR_SUBTRACT_ONE_HOT, QUEUE_ERROR_ADDRESS, offsetof(vector_body, c),
         [](vector_body& b) { b.c = ~std::uint64_t{3}; }},
        {"dst pitch", VECTOR_EXP, QUEUE_ERROR_VALUE, offsetof(vector_body, dst_pitch),
         [](vector_body& b) { b.dst_pitch = 35; }},
        {"dst rows overlap", VECTOR_EXP, QUEUE_ERROR_VALUE, offsetof(vector_body, dst_pitch),
         [](vector_body& b) { b.dst_pitch = 28; }},
        {"dst cannot repeat", VECTOR_EXP, QUEUE_ERROR_VALUE, offsetof(vector_body, dst_pitch),
         [](vector_body& b) { b.dst_pitch = 0; }},
        {"a pitch", VECTOR_EXP, QUEUE_ERROR_VALUE, offsetof(vector_body, a_pitch),
         [](vector_body& b) { b.a_pitch = 34; }},
        {"b pitch", VECTOR_MAX, QUEUE_ERROR_VALUE, offsetof(vector_body, b_pitch),
         [](vector_body& b) { b.b_pitch = 33; }},
        {"b mode", VECTOR_MAX, QUEUE_ERROR_VALUE, offsetof(vector_body, b_mode), [](vector_body& b) { b.b_mode = 2; }},
        {"reserved", VECTOR_MAX, QUEUE_ERROR_VALUE, offsetof(vector_body, reserved),
         [](vector_body& b) { b.reserved = 1; }},
        {"mask period", VECTOR_CAUSAL_MASK, QUEUE_ERROR_VALUE, limit,
         [](vector_body& b) { b.u.indexed.index_limit = 0; }},
        {"no index is legal", VECTOR_SUBTRACT_ONE_HOT, QUEUE_ERROR_VALUE, limit,
         [](vector_body& b) { b.u.indexed.index_limit = 0; }},
        {"pick beyond the row", VECTOR_PICK, QUEUE_ERROR_VALUE, limit,
         [](vector_body& b) { b.u.indexed.index_limit = b.cols + 1; }},
        {"adam's parameters have gaps", VECTOR_ADAM, QUEUE_ERROR_VALUE, offsetof(vector_body, dst_pitch),
         [](vector_body& b) { b.dst_pitch += 4; }},
        {"adam's gradient has gaps", VECTOR_ADAM, QUEUE_ERROR_VALUE, offsetof(vector_body, a_pitch),
         [](vector_body& b) { b.a_pitch = 0; }},
        {"adam's moment has gaps", VECTOR_ADAM, QUEUE_ERROR_VALUE, offsetof(vector_body, b_pitch),
         [](vector_body& b) { b.b_pitch += 4; }},
        {"adam's moment is a tile", VECTOR_ADAM, QUEUE_ERROR_VALUE, offsetof(vector_body, b_mode),
         [](vector_body& b) { b.b_mode = VECTOR_B_COLUMN; }},
    };
    for (const BadField& bad : cases) {
        vector_body body = gapless(8, 8);
        ASSERT_FALSE(check_vector(bad.opcode, body)) << bad.name;
        bad.spoil(body);
        const auto error = check_vector(bad.opcode, body);
        ASSERT_TRUE(error) << bad.name;
        EXPECT_EQ(error->code, bad.code) << bad.name;
        EXPECT_EQ(error->field, 48 + bad.offset) << bad.name;
    }
}

TEST(VectorCore, KnowsItsOpcodesAndNoOthers) {
    std::vector<bool> known(256);
    for (const std::uint8_t opcode : all_opcodes)
        known[opcode] = true;
    for (unsigned opcode = 0; opcode < 256; ++opcode) {
        const auto error = check_vector(static_cast<std::uint8_t>(opcode), gapless(4, 4));
        EXPECT_EQ(!error, known[opcode]) << opcode;
        if (error) {
            EXPECT_EQ(error->code, QUEUE_ERROR_OPCODE);
            EXPECT_EQ(error->field, 0u);
        }
    }
}

TEST(VectorCore, FieldsAnOpcodeDoesNotUseAreIgnored) {
    vector_body body = gapless(4, 4);
    body.b = 1;
    body.b_pitch = 3;
    body.c = 1;
    EXPECT_FALSE(check_vector(VECTOR_EXP, body));
    body.dst_pitch = 0;
    EXPECT_FALSE(check_vector(VECTOR_ROW_SUM, body)) << "its results lie side by side";
}

TEST(VectorCore, AnIndexAtTheLimitIsOutOfRange) {
    vector_body body = gapless(3, 8);
    const std::uint32_t good[] = {0, 7, 3}, bad[] = {0, 7, 8};
    EXPECT_TRUE(indices_in_range(body, good));
    EXPECT_FALSE(indices_in_range(body, bad));
}

TEST(VectorCore, ComputesARepeatedRowAndAColumnOfValues) {
    vector_body body = gapless(2, 2);
    body.a_pitch = 0;
    body.b_mode = VECTOR_B_COLUMN;
    const float a[] = {1, 2};
    float b[] = {10, 100}, dst[4] = {};
    VectorData data;
    data.a = a;
    data.b = b;
    data.dst = dst;
    compute_vector(VECTOR_MUL, body, data);
    EXPECT_EQ(std::vector<float>(dst, dst + 4), (std::vector<float>{10, 20, 100, 200}));
}

TEST(VectorCore, WhateverPassesTheChecksIsBounded) {
    const unsigned seed = 5;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    unsigned accepted = 0;
    for (int round = 0; round < 200000; ++round) {
        const auto size = [&] { return static_cast<std::uint32_t>(random() >> (32 + random() % 32)); };
        vector_body body = gapless(size(), size());
        body.dst = random() & ~std::uint64_t{3}, body.a = random() & ~std::uint64_t{3};
        body.a_pitch = size() * 4;
        const std::uint8_t opcode = all_opcodes[random() % std::size(all_opcodes)];
        if (check_vector(opcode, body)) continue;
        ++accepted;
        const VectorPlan plan = plan_vector(opcode, body, four_lanes());
        for (const OperandRows& rows : {plan.a, plan.b, plan.c, plan.dst})
            ASSERT_LE(rows.bytes(), max_operand_bytes);
        ASSERT_LT(plan.compute_cycles, Cycles{1} << 40);
    }
    EXPECT_GT(accepted, 1000u);
}

} // namespace
} // namespace gradus::ip
