// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "ip/engine/matrix_core.h"

namespace gradus::ip::matrix_core_test {
namespace {

matrix_body gapless(std::uint32_t m, std::uint32_t n, std::uint32_t k) {
    matrix_body body{};
    body.m = m;
    body.n = n;
    body.k = k;
    body.a = 0x1000;
    body.b = 0x2000;
    body.c = 0x3000;
    body.a_pitch = k * 4;
    body.b_pitch = n * 4;
    body.c_pitch = n * 4;
    return body;
}

MatrixParameters array(Dataflow dataflow, FoldChaining folds = FoldChaining::serial) {
    MatrixParameters parameters; // 4 x 4
    parameters.dataflow = dataflow;
    parameters.folds = folds;
    return parameters;
}

/// m = 16 (4 folds), n = 8 (2 folds), k = 12 (3 folds of k): A 768 bytes, B 384, C 512, bias 32.
matrix_body three_sizes() {
    matrix_body body = gapless(16, 8, 12);
    body.mode = MATRIX_BIAS | MATRIX_ACCUMULATE;
    body.bias = 0x4000;
    return body;
}

TEST(MatrixCore, WhatStreamsIsReadOnceForEachFoldItStreamsThrough) {
    const auto read = [](Dataflow dataflow, FoldChaining folds) {
        return plan_matrix(three_sizes(), array(dataflow, folds)).bytes_read(true);
    };
    // However folds are chained, the same bytes move: in one panel or in several.
    for (const FoldChaining folds : {FoldChaining::serial, FoldChaining::overlapped}) {
        // A once for each of 2 column folds; B and the bias once for each of 4 row folds; C once.
        EXPECT_EQ(read(Dataflow::output, folds), 2u * 768 + 4 * (384 + 32) + 512);
        // B stays: A once for each of 2 column folds.
        EXPECT_EQ(read(Dataflow::weight, folds), 2u * 768 + 384 + 32 + 512);
        // A stays: B and the bias once for each of the 4 pieces that m is cut into.
        EXPECT_EQ(read(Dataflow::input, folds), 768u + 4 * (384 + 32) + 512);
        // Four rows of A at a time, held while all of B streams by.
        EXPECT_EQ(read(Dataflow::dot, folds), 768u + 4 * (384 + 32) + 512);
    }
    EXPECT_EQ(plan_matrix(three_sizes(), array(Dataflow::output)).bytes_read(false), 2u * 768 + 4 * (384 + 32));
}

TEST(MatrixCore, PartialSumsThatTheAccumulatorsCannotKeepGoOutAndComeBack) {
    for (const FoldChaining folds : {FoldChaining::serial, FoldChaining::overlapped}) {
        MatrixParameters parameters = array(Dataflow::weight, folds);
        const Bytes kept = plan_matrix(three_sizes(), parameters).bytes_read(false);
        parameters.accumulators = 10;
        // 16 rows of C, 10 of them kept: 6 rows of 8 sums leave and come back between three folds of k, twice.
        MatrixPlan plan = plan_matrix(three_sizes(), parameters);
        EXPECT_EQ(plan.bytes_read(false), kept + 2 * 6 * 8 * 4);
        EXPECT_EQ(plan.bytes_written(), 512u + 2 * 6 * 8 * 4);
        // As fp32, although C is bf16.
        matrix_body narrow = three_sizes();
        narrow.mode = MATRIX_BIAS;
        narrow.c_format = FORMAT_BF16;
        narrow.c_pitch = 16;
        EXPECT_EQ(plan_matrix(narrow, parameters).bytes_written(), 256u + 2 * 6 * 8 * 4);
        // An input-stationary column keeps sums of a row of C: all 8 fit.
        parameters.dataflow = Dataflow::input;
        EXPECT_EQ(plan_matrix(three_sizes(), parameters).bytes_written(), 512u);
        parameters.accumulators = 5;
        EXPECT_EQ(plan_matrix(three_sizes(), parameters).bytes_written(), 512u + 2 * 16 * 3 * 4);
        // Results that stay until they are done have no partial sums.
        parameters.dataflow = Dataflow::output;
        EXPECT_EQ(plan_matrix(three_sizes(), parameters).bytes_written(), 512u);
    }
}

TEST(MatrixCore, SerialFoldsAreOnePanelAndOverlappedOnesAPanelForEachOuterFold) {
    EXPECT_EQ(plan_matrix(gapless(18, 8, 12), array(Dataflow::output)).panels, 1u);
    const auto panels = [](Dataflow dataflow) {
        const MatrixPlan plan = plan_matrix(gapless(18, 10, 12), array(dataflow, FoldChaining::overlapped));
        std::vector<std::vector<std::uint32_t>> blocks;
        for (std::uint64_t i = 0; i < plan.panels; ++i) {
            const MatrixBlock block = plan.panel(i);
            blocks.push_back({block.row, block.rows, block.col, block.cols});
        }
        return blocks;
    };
    using Blocks = std::vector<std::vector<std::uint32_t>>;
    EXPECT_EQ(panels(Dataflow::output),
              (Blocks{{0, 4, 0, 10}, {4, 4, 0, 10}, {8, 4, 0, 10}, {12, 4, 0, 10}, {16, 2, 0, 10}}));
    EXPECT_EQ(panels(Dataflow::weight), (Blocks{{0, 18, 0, 4}, {0, 18, 4, 4}, {0, 18, 8, 2}}));
    EXPECT_EQ(panels(Dataflow::input), panels(Dataflow::output));
}

TEST(MatrixCore, APanelsPartOfAnOperandIsRowsOrColumnsOfItAsItIsStored) {
    matrix_body body = gapless(18, 10, 12);
    body.mode = MATRIX_TRANSPOSE_A; // stored [12, 18]
    body.a_pitch = 18 * 4;
    const MatrixPlan plan = plan_matrix(body, array(Dataflow::output, FoldChaining::overlapped));
    const OperandSlice a = plan.a_of(plan.panel(1)); // rows 4 to 7 of A are columns of what is stored
    EXPECT_EQ(a.rows.address, body.a + 4 * 4);
    EXPECT_EQ(a.rows.count, 12u);
    EXPECT_EQ(a.rows.row_bytes, 16u);
    EXPECT_EQ(a.position, 16u);
    const OperandSlice c = plan.c_of(plan.panel(1));
    EXPECT_EQ(c.rows.address, body.c + 4 * 40);
    EXPECT_EQ(c.rows.count, 4u);
    const MatrixPlan columns = plan_matrix(body, array(Dataflow::weight, FoldChaining::overlapped));
    const OperandSlice b = columns.b_of(columns.panel(2)); // columns 8 and 9
    EXPECT_EQ(b.rows.address, body.b + 8 * 4);
    EXPECT_EQ(b.rows.count, 12u);
    EXPECT_EQ(b.rows.row_bytes, 8u);
    EXPECT_EQ(b.position, 32u);
    EXPECT_EQ(b.pitch, 40u);
}

TEST(MatrixCore, ABeatOfAnOperandStoredTheOtherWayRoundCostsMore) {
    MatrixParameters parameters = array(Dataflow::output);
    parameters.transposed_beat = 3;
    const auto beats = [&](std::uint8_t mode) {
        matrix_body body = gapless(4, 4, 4);
        body.mode = mode;
        const MatrixPlan plan = plan_matrix(body, parameters);
        return std::pair{plan.beat_of_a, plan.beat_of_b};
    };
    EXPECT_EQ(beats(0), (std::pair<Cycles, Cycles>{1, 1}));
    EXPECT_EQ(beats(MATRIX_TRANSPOSE_A), (std::pair<Cycles, Cycles>{3, 1}));
    EXPECT_EQ(beats(MATRIX_TRANSPOSE_B), (std::pair<Cycles, Cycles>{1, 3}));
    // A dot product takes a column of B at a time: B^T lies right for it.
    parameters.dataflow = Dataflow::dot;
    EXPECT_EQ(beats(0), (std::pair<Cycles, Cycles>{1, 3}));
    EXPECT_EQ(beats(MATRIX_TRANSPOSE_B), (std::pair<Cycles, Cycles>{1, 1}));
}

TEST(MatrixCore, TransposedOperandsAreRowsOfTheirStoredShape) {
    matrix_body body = gapless(3, 5, 7);
    body.mode = MATRIX_TRANSPOSE_A | MATRIX_TRANSPOSE_B;
    body.a_pitch = 3 * 4;
    body.b_pitch = 7 * 2;
    body.b_format = FORMAT_BF16;
    ASSERT_FALSE(check_matrix(MATRIX_MULTIPLY, body));
    const MatrixPlan result = plan_matrix(body, array(Dataflow::output));
    EXPECT_EQ(result.a.count, 7u);
    EXPECT_EQ(result.a.row_bytes, 12u);
    EXPECT_EQ(result.b.count, 5u);
    EXPECT_EQ(result.b.row_bytes, 14u);
}

struct BadField {
    const char* name;
    std::uint32_t code;
    std::size_t offset;
    void (*spoil)(matrix_body&);
};

TEST(MatrixCore, EveryIllegalFieldIsNamed) {
    const BadField cases[] = {
        {"m", QUEUE_ERROR_VALUE, offsetof(matrix_body, m), [](matrix_body& b) { b.m = 0; }},
        {"n", QUEUE_ERROR_VALUE, offsetof(matrix_body, n), [](matrix_body& b) { b.n = 0; }},
        {"k", QUEUE_ERROR_VALUE, offsetof(matrix_body, k), [](matrix_body& b) { b.k = 0; }},
        {"huge m", QUEUE_ERROR_VALUE, offsetof(matrix_body, m), [](matrix_body& b) { b.m = 0xffffffff; }},
        {"huge n", QUEUE_ERROR_VALUE, offsetof(matrix_body, n), [](matrix_body& b) { b.n = 0xffffffff; }},
        {"huge k", QUEUE_ERROR_VALUE, offsetof(matrix_body, k), [](matrix_body& b) { b.k = 0xffffffff; }},
        {"repeated rows do not hide size", QUEUE_ERROR_VALUE, offsetof(matrix_body, m),
         [](matrix_body& b) { b.m = 0xffffffff, b.a_pitch = 0; }},
        {"a misaligned", QUEUE_ERROR_ADDRESS, offsetof(matrix_body, a), [](matrix_body& b) { b.a += 2; }},
        {"b misaligned", QUEUE_ERROR_ADDRESS, offsetof(matrix_body, b), [](matrix_body& b) { b.b += 1; }},
        {"c misaligned", QUEUE_ERROR_ADDRESS, offsetof(matrix_body, c), [](matrix_body& b) { b.c += 3; }},
        {"bias misaligned", QUEUE_ERROR_ADDRESS, offsetof(matrix_body, bias),
         [](matrix_body& b) { b.mode = MATRIX_BIAS, b.bias = 2; }},
        {"a wraps", QUEUE_ERROR_ADDRESS, offsetof(matrix_body, a), [](matrix_body& b) { b.a = ~std::uint64_t{3}; }},
        {"b wraps", QUEUE_ERROR_ADDRESS, offsetof(matrix_body, b), [](matrix_body& b) { b.b = ~std::uint64_t{3}; }},
        {"c wraps", QUEUE_ERROR_ADDRESS, offsetof(matrix_body, c), [](matrix_body& b) { b.c = ~std::uint64_t{3}; }},
        {"bias wraps", QUEUE_ERROR_ADDRESS, offsetof(matrix_body, bias),
         [](matrix_body& b) { b.mode = MATRIX_BIAS, b.bias = ~std::uint64_t{3}; }},
        {"a pitch", QUEUE_ERROR_VALUE, offsetof(matrix_body, a_pitch), [](matrix_body& b) { b.a_pitch = 30; }},
        {"b pitch", QUEUE_ERROR_VALUE, offsetof(matrix_body, b_pitch), [](matrix_body& b) { b.b_pitch = 33; }},
        {"c pitch", QUEUE_ERROR_VALUE, offsetof(matrix_body, c_pitch), [](matrix_body& b) { b.c_pitch = 34; }},
        {"c rows overlap", QUEUE_ERROR_VALUE, offsetof(matrix_body, c_pitch), [](matrix_body& b) { b.c_pitch = 28; }},
        {"a format", QUEUE_ERROR_VALUE, offsetof(matrix_body, a_format), [](matrix_body& b) { b.a_format = 2; }},
        {"b format", QUEUE_ERROR_VALUE, offsetof(matrix_body, b_format), [](matrix_body& b) { b.b_format = 200; }},
        {"c format", QUEUE_ERROR_VALUE, offsetof(matrix_body, c_format), [](matrix_body& b) { b.c_format = 2; }},
        {"accumulation into bf16", QUEUE_ERROR_VALUE, offsetof(matrix_body, c_format),
         [](matrix_body& b) { b.c_format = FORMAT_BF16, b.mode = MATRIX_ACCUMULATE; }},
        {"mode", QUEUE_ERROR_VALUE, offsetof(matrix_body, mode), [](matrix_body& b) { b.mode = 0x10; }},
        {"reserved", QUEUE_ERROR_VALUE, offsetof(matrix_body, reserved) + 19,
         [](matrix_body& b) { b.reserved[19] = 1; }},
    };
    for (const BadField& bad : cases) {
        matrix_body body = gapless(8, 8, 8);
        ASSERT_FALSE(check_matrix(MATRIX_MULTIPLY, body));
        bad.spoil(body);
        const auto error = check_matrix(MATRIX_MULTIPLY, body);
        ASSERT_TRUE(error) << bad.name;
        EXPECT_EQ(error->code, bad.code) << bad.name;
        EXPECT_EQ(error->field, 48 + bad.offset) << bad.name;
    }
}

TEST(MatrixCore, OnlyMultiplyIsAnOpcode) {
    for (unsigned opcode = 2; opcode < 256; ++opcode) {
        const auto error = check_matrix(static_cast<std::uint8_t>(opcode), gapless(1, 1, 1));
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, QUEUE_ERROR_OPCODE);
        EXPECT_EQ(error->field, 0u);
    }
}

TEST(MatrixCore, TheLastByteOfTheAddressSpaceCanBeReached) {
    matrix_body body = gapless(2, 2, 2);
    body.a = ~std::uint64_t{0} - 15;
    EXPECT_FALSE(check_matrix(MATRIX_MULTIPLY, body));
    body.a += 4;
    EXPECT_TRUE(check_matrix(MATRIX_MULTIPLY, body));
}

TEST(MatrixCore, WhateverPassesTheChecksIsBounded) {
    const unsigned seed = 99;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    unsigned accepted = 0;
    for (int round = 0; round < 200000; ++round) {
        matrix_body body{};
        const auto size = [&] { return static_cast<std::uint32_t>(random() >> (32 + random() % 32)); };
        body.m = size(), body.n = size(), body.k = size();
        body.a = random() & ~std::uint64_t{3}, body.b = random() & ~std::uint64_t{3},
        body.c = random() & ~std::uint64_t{3};
        body.a_pitch = size() * 4, body.b_pitch = size() * 4, body.c_pitch = size() * 4;
        body.mode = static_cast<std::uint8_t>(random() % 16);
        body.a_format = static_cast<std::uint8_t>(random() % 2);
        if (check_matrix(MATRIX_MULTIPLY, body)) continue;
        ++accepted;
        MatrixParameters parameters =
            array(static_cast<Dataflow>(random() % 4), static_cast<FoldChaining>(random() % 2));
        parameters.rows = 1 + random() % 256;
        parameters.cols = 1 + random() % 256;
        parameters.accumulators = 1 + random() % 4096;
        const MatrixPlan result = plan_matrix(body, parameters);
        for (const OperandRows& rows : {result.a, result.b, result.c}) {
            ASSERT_LE(rows.bytes(), max_operand_bytes);
            ASSERT_GE(rows.address + (rows.count - 1) * rows.pitch + rows.row_bytes - 1, rows.address);
        }
        ASSERT_LT(result.folds.cycles(), Cycles{1} << 44) << "so that no clock makes picoseconds overflow";
        const MatrixBlock last = result.panel(result.panels - 1);
        ASSERT_EQ(last.row + last.rows, body.m);
        ASSERT_EQ(last.col + last.cols, body.n);
        const auto inside = [](const OperandRows& part, const OperandRows& all) {
            const auto end = [](const OperandRows& rows) {
                return rows.address + (rows.count - 1) * rows.pitch + rows.row_bytes - 1;
            };
            return !part || (part.address >= all.address && end(part) <= end(all));
        };
        ASSERT_TRUE(inside(result.a_of(last).rows, result.a));
        ASSERT_TRUE(inside(result.b_of(last).rows, result.b));
        ASSERT_TRUE(inside(result.c_of(last).rows, result.c));
        ASSERT_TRUE(inside(result.spilled_of(last), result.c)) << "partial sums go where C does";
    }
    EXPECT_GT(accepted, 1000u);
}

} // namespace
} // namespace gradus::ip::matrix_core_test
