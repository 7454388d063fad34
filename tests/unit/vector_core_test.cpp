// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "ip/engine/vector_core.h"

namespace gradus::ip::vector_core_test {
namespace {

constexpr std::uint8_t all_opcodes[] = {VECTOR_ADD,         VECTOR_SUB,           VECTOR_MUL,
                                        VECTOR_MAX,         VECTOR_BLEND,         VECTOR_AFFINE,
                                        VECTOR_EXP,         VECTOR_LOG,           VECTOR_RECIPROCAL,
                                        VECTOR_RSQRT,       VECTOR_RELU,          VECTOR_GELU,
                                        VECTOR_SILU,        VECTOR_CAUSAL_MASK,   VECTOR_RELU_BACKWARD,
                                        VECTOR_ROW_SUM,     VECTOR_GELU_BACKWARD, VECTOR_SILU_BACKWARD,
                                        VECTOR_ROW_MAX,     VECTOR_ROW_DOT,       VECTOR_PICK,
                                        VECTOR_COLUMN_SUM,  VECTOR_ADAM,          VECTOR_SUBTRACT_ONE_HOT,
                                        VECTOR_WINDOW_MASK, VECTOR_GELU_ERF,      VECTOR_GELU_ERF_BACKWARD};
constexpr std::uint8_t fused_opcodes[] = {VECTOR_SOFTMAX, VECTOR_WINDOW_SOFTMAX, VECTOR_RMSNORM};
constexpr std::uint8_t column_opcodes[] = {VECTOR_COLUMN_MAX, VECTOR_COLUMN_EXP};
constexpr std::uint8_t optional_opcodes[] = {VECTOR_SOFTMAX, VECTOR_WINDOW_SOFTMAX, VECTOR_RMSNORM, VECTOR_COLUMN_MAX,
                                             VECTOR_COLUMN_EXP};

VectorParameters unit_with(bool fused, bool columns) {
    VectorParameters parameters;
    parameters.fused = fused;
    parameters.columns = columns;
    return parameters;
}

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
    body.u.window.window = cols;
    return body;
}

TEST(VectorCore, MovesOnlyWhatTheOpcodeNeeds) {
    const auto bytes = [](std::uint8_t opcode, vector_body body) {
        const VectorPlan plan = plan_vector(opcode, body);
        return std::vector<Bytes>{plan.a.bytes(), plan.b.bytes(), plan.c.bytes(), plan.dst.bytes()};
    };
    vector_body body = gapless(3, 8);
    EXPECT_EQ(bytes(VECTOR_EXP, body), (std::vector<Bytes>{96, 0, 0, 96}));
    EXPECT_EQ(bytes(VECTOR_ADD, body), (std::vector<Bytes>{96, 96, 0, 96}));
    EXPECT_EQ(bytes(VECTOR_ROW_MAX, body), (std::vector<Bytes>{96, 0, 0, 12}));
    EXPECT_EQ(bytes(VECTOR_ROW_DOT, body), (std::vector<Bytes>{96, 96, 0, 12}));
    EXPECT_EQ(bytes(VECTOR_COLUMN_SUM, body), (std::vector<Bytes>{96, 0, 0, 32}));
    EXPECT_EQ(bytes(VECTOR_COLUMN_MAX, body), (std::vector<Bytes>{96, 0, 0, 32}));
    EXPECT_EQ(bytes(VECTOR_PICK, body), (std::vector<Bytes>{96, 0, 12, 12}));
    EXPECT_EQ(bytes(VECTOR_SUBTRACT_ONE_HOT, body), (std::vector<Bytes>{96, 0, 12, 96}));
    EXPECT_EQ(bytes(VECTOR_ADAM, body), (std::vector<Bytes>{96, 96, 96, 96}));
    body.b_mode = VECTOR_B_COLUMN;
    EXPECT_EQ(bytes(VECTOR_MUL, body), (std::vector<Bytes>{96, 12, 0, 96}));
    body.b_mode = VECTOR_B_FULL;
    body.b_pitch = 0;
    EXPECT_EQ(bytes(VECTOR_MUL, body), (std::vector<Bytes>{96, 32, 0, 96})) << "a repeated row is read once";
    EXPECT_EQ(bytes(VECTOR_COLUMN_EXP, body), (std::vector<Bytes>{96, 32, 0, 96}));
    EXPECT_EQ(plan_vector(VECTOR_COLUMN_EXP, body).sums.bytes(), 32u);
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
        {"a window's period", VECTOR_WINDOW_MASK, QUEUE_ERROR_VALUE, offsetof(vector_body, u.window.period),
         [](vector_body& b) { b.u.window.period = 0; }},
        {"an empty window", VECTOR_WINDOW_MASK, QUEUE_ERROR_VALUE, offsetof(vector_body, u.window.window),
         [](vector_body& b) { b.u.window.window = 0; }},
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

TEST(VectorCore, FusedOpcodesAreThereOnlyWhereTheUnitHasThem) {
    for (const std::uint8_t opcode : fused_opcodes) {
        EXPECT_TRUE(check_vector(opcode, gapless(4, 4), unit_with(false, true)));
        EXPECT_FALSE(check_vector(opcode, gapless(4, 4), unit_with(true, false)));
    }
    vector_body body = gapless(4, 4);
    body.b_pitch = 0;
    for (const std::uint8_t opcode : column_opcodes) {
        EXPECT_TRUE(check_vector(opcode, body, unit_with(true, false)));
        EXPECT_FALSE(check_vector(opcode, body, unit_with(false, true)));
    }
    body.c = ~std::uint64_t{3};
    for (const std::uint8_t opcode : {VECTOR_RMSNORM, VECTOR_COLUMN_EXP}) {
        const auto error = check_vector(opcode, body, unit_with(true, true));
        ASSERT_TRUE(error) << "its second result runs over the end of the address space";
        EXPECT_EQ(error->field, 48 + offsetof(vector_body, c));
    }
}

TEST(VectorCore, WhatColumnsAreBelowIsOneRow) {
    const VectorParameters parameters = unit_with(false, true);
    vector_body body = gapless(4, 4);
    auto error = check_vector(VECTOR_COLUMN_EXP, body, parameters);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, QUEUE_ERROR_VALUE);
    EXPECT_EQ(error->field, 48 + offsetof(vector_body, b_pitch));
    body.b_pitch = 0;
    body.b_mode = VECTOR_B_COLUMN;
    error = check_vector(VECTOR_COLUMN_EXP, body, parameters);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->field, 48 + offsetof(vector_body, b_mode));
    body.b_mode = VECTOR_B_FULL;
    body.b += 2;
    error = check_vector(VECTOR_COLUMN_EXP, body, parameters);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, QUEUE_ERROR_ADDRESS);
    EXPECT_EQ(error->field, 48 + offsetof(vector_body, b));
}

TEST(VectorCore, ACommandIsOnePanelUnlessItsResultsAreStreamed) {
    VectorParameters parameters; // 4 lanes, 32 bytes a cycle: a panel has 128 elements
    EXPECT_EQ(cut_vector(VECTOR_ADD, gapless(64, 64), parameters).count, 1u);
    parameters.results = VectorResults::streamed;
    const auto panels = [&](std::uint8_t opcode, const vector_body& body) {
        const VectorPanels cut = cut_vector(opcode, body, parameters);
        return std::vector<std::uint64_t>{cut.count, cut.rows, cut.cols};
    };
    using Panels = std::vector<std::uint64_t>;
    EXPECT_EQ(panels(VECTOR_ADD, gapless(64, 50)), (Panels{32, 2, 50}));
    EXPECT_EQ(panels(VECTOR_ROW_SUM, gapless(3, 500)), (Panels{3, 1, 500})) << "a panel holds a row at least";
    EXPECT_EQ(panels(VECTOR_ADD, gapless(1, 500)), (Panels{4, 1, 128})) << "and whole groups of a single row";
    EXPECT_EQ(panels(VECTOR_ADAM, gapless(1, 500)), (Panels{4, 1, 128}));
    EXPECT_EQ(panels(VECTOR_ROW_SUM, gapless(1, 500)), (Panels{1, 1, 500}));
    for (const std::uint8_t opcode : {VECTOR_COLUMN_SUM, VECTOR_COLUMN_MAX})
        EXPECT_EQ(panels(opcode, gapless(64, 64)), (Panels{1, 64, 64})) << "nothing is done before its end";
    EXPECT_EQ(panels(VECTOR_COLUMN_EXP, gapless(64, 64)), (Panels{32, 2, 64})) << "all but its sums";
    EXPECT_EQ(panels(VECTOR_COLUMN_EXP, gapless(1, 500)), (Panels{1, 1, 500}));
    vector_body masked = gapless(64, 16);
    masked.u.indexed.index_limit = 24;
    EXPECT_EQ(panels(VECTOR_CAUSAL_MASK, masked), (Panels{3, 24, 16})) << "a period is not cut";
}

TEST(VectorCore, PanelsTogetherAreTheCommand) {
    const unsigned seed = 6;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    VectorParameters parameters;
    parameters.results = VectorResults::streamed;
    for (int round = 0; round < 2000; ++round) {
        const bool optional = random() % 4 == 0;
        const std::uint8_t opcode = optional ? optional_opcodes[random() % std::size(optional_opcodes)]
                                             : all_opcodes[random() % std::size(all_opcodes)];
        vector_body body = gapless(1 + random() % 40, 1 + random() % 300);
        parameters.lanes = 1 + random() % 9;
        if (opcode == VECTOR_COLUMN_EXP)
            body.b_pitch = 0;
        else if (opcode != VECTOR_ADAM)
            body.b_mode = random() % 2;
        if (opcode == VECTOR_SOFTMAX) body.u.softmax = {1.0F, static_cast<std::uint32_t>(random() % 9), 0};
        if (opcode == VECTOR_WINDOW_MASK || opcode == VECTOR_WINDOW_SOFTMAX) body.u.window = {1.0F, 9, 3, 4, 0};
        const VectorPanels cut = cut_vector(opcode, body, parameters);
        const VectorPlan whole = plan_vector(opcode, body);
        const VectorTime time = time_vector(opcode, body, parameters);
        VectorPlan sum;
        Cycles work = 0;
        std::uint64_t next_dst = whole.dst.address, next_a = whole.a.address;
        for (std::uint64_t i = 0; i < cut.count; ++i) {
            const vector_body part = cut.body(opcode, body, i);
            ASSERT_FALSE(check_vector(opcode, part, unit_with(true, true)));
            const VectorPlan plan = plan_vector(opcode, part);
            ASSERT_EQ(plan.dst.address, next_dst);
            ASSERT_EQ(plan.a.address, next_a);
            next_dst += plan.dst.bytes();
            next_a += plan.a.bytes();
            for (OperandRows VectorPlan::*operand : {&VectorPlan::b, &VectorPlan::c, &VectorPlan::rstd})
                (sum.*operand).count += (plan.*operand).bytes();
            work += time_vector(opcode, part, parameters).work;
        }
        ASSERT_EQ(next_dst, whole.dst.address + whole.dst.bytes());
        ASSERT_EQ(next_a, whole.a.address + whole.a.bytes());
        // One value for all rows is there once a panel only if the command is a single row, one row for all once each.
        if (opcode == VECTOR_COLUMN_EXP) {
            ASSERT_EQ(sum.b.count, cut.count * whole.b.bytes());
            ASSERT_EQ(plan_vector(opcode, cut.body(opcode, body, cut.count - 1)).sums.address, whole.sums.address);
        } else if (body.rows > 1 || body.b_mode == VECTOR_B_FULL) {
            ASSERT_EQ(sum.b.count, whole.b.bytes());
        }
        ASSERT_EQ(sum.c.count, whole.c.bytes());
        ASSERT_EQ(sum.rstd.count, whole.rstd.bytes());
        ASSERT_EQ(work, time.work);
    }
}

TEST(VectorCore, APanelOfACausalSoftmaxKnowsWhereItBegins) {
    vector_body body = gapless(30, 16);
    body.u.softmax = {1.0F, 10, 3};
    VectorParameters parameters; // panels of 8 rows
    parameters.results = VectorResults::streamed;
    const VectorPanels cut = cut_vector(VECTOR_SOFTMAX, body, parameters);
    ASSERT_EQ(cut.rows, 8u);
    EXPECT_EQ(cut.body(VECTOR_SOFTMAX, body, 0).u.softmax.first_row, 3u);
    EXPECT_EQ(cut.body(VECTOR_SOFTMAX, body, 1).u.softmax.first_row, 1u)
        << "row 8 of the command is row 11 of the mask";
    body.u.window = {1.0F, 10, 4, 3, 0};
    EXPECT_EQ(cut.body(VECTOR_WINDOW_SOFTMAX, body, 1).u.window.first_row, 1u);
    EXPECT_EQ(cut.body(VECTOR_WINDOW_MASK, body, 1).u.window.first_row, 1u);
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
        const VectorPlan plan = plan_vector(opcode, body);
        for (const OperandRows& rows : {plan.a, plan.b, plan.c, plan.dst})
            ASSERT_LE(rows.bytes(), max_operand_bytes);
        const VectorTime time = time_vector(opcode, body, VectorParameters{});
        ASSERT_LT(time.work + time.latency, Cycles{1} << 40);
    }
    EXPECT_GT(accepted, 1000u);
}

} // namespace
} // namespace gradus::ip::vector_core_test
