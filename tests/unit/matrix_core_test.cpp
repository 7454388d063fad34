// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_engine_core
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "ip/engine/matrix_core.h"

namespace gradus::ip {
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

MatrixPlan plan(const matrix_body& body, unsigned rows, unsigned cols) {
    MatrixParameters parameters;
    parameters.rows = rows;
    parameters.cols = cols;
    return plan_matrix(body, parameters);
}

Cycles cycles(std::uint32_t m, std::uint32_t n, std::uint32_t k, unsigned rows, unsigned cols) {
    return plan(gapless(m, n, k), rows, cols).compute_cycles;
}

/// The array simulated cell by cell: operands move one cell a cycle; the cycle of the last product is counted.
Cycles simulated_fold(unsigned rows, unsigned cols, unsigned k) {
    std::vector<std::vector<unsigned>> done(rows, std::vector<unsigned>(cols));
    std::vector<std::vector<int>> a(rows, std::vector<int>(cols, -1)), b = a;
    for (Cycles cycle = 1;; ++cycle) {
        auto next_a = a, next_b = b;
        for (unsigned i = 0; i < rows; ++i) {
            for (unsigned j = 0; j < cols; ++j) {
                const auto fed = [&](unsigned late) {
                    const auto p = static_cast<long>(cycle) - 1 - static_cast<long>(late);
                    return p >= 0 && p < static_cast<long>(k) ? static_cast<int>(p) : -1;
                };
                next_a[i][j] = j ? a[i][j - 1] : fed(i);
                next_b[i][j] = i ? b[i - 1][j] : fed(j);
                if (next_a[i][j] >= 0 && next_a[i][j] == next_b[i][j]) ++done[i][j];
            }
        }
        a = next_a;
        b = next_b;
        const bool all = std::all_of(done.begin(), done.end(), [&](const auto& row) {
            return std::all_of(row.begin(), row.end(), [&](unsigned count) { return count == k; });
        });
        if (all) return cycle;
    }
}

TEST(MatrixCore, AFoldTakesAsLongAsTheWaveThroughASimulatedArray) {
    for (unsigned rows : {1U, 2U, 4U, 7U})
        for (unsigned cols : {1U, 3U, 4U, 8U})
            for (unsigned k : {1U, 2U, 5U, 16U})
                EXPECT_EQ(cycles(rows, cols, k, rows, cols), simulated_fold(rows, cols, k))
                    << rows << "x" << cols << ", k " << k;
}

TEST(MatrixCore, OneFoldWhenTheResultFitsTheArray) {
    // 16 terms, and the wave needs 3 + 3 more cycles to reach the far corner of a 4 x 4 array.
    EXPECT_EQ(cycles(4, 4, 16, 4, 4), 22u);
    // A smaller result still crosses the whole array.
    EXPECT_EQ(cycles(1, 1, 16, 4, 4), 22u);
}

TEST(MatrixCore, FoldsFollowEachOtherWithoutOverlap) {
    // 16 x 16 results on 4 x 4 cells: 4 x 4 folds of 22 cycles.
    EXPECT_EQ(cycles(16, 16, 16, 4, 4), 16u * 22);
    // One row and one column more add a row of folds and a column of folds.
    EXPECT_EQ(cycles(17, 17, 16, 4, 4), 25u * 22);
}

TEST(MatrixCore, AnArrayOfOneCellDoesOneProductACycle) { EXPECT_EQ(cycles(3, 5, 7, 1, 1), 3u * 5 * 7); }

TEST(MatrixCore, ALargeArrayIsMostlyFillAndDrainForASmallProduct) {
    EXPECT_EQ(cycles(16, 16, 16, 256, 256), 16u + 256 + 256 - 2);
    EXPECT_EQ(cycles(512, 512, 512, 256, 256), 4u * (512 + 510));
}

TEST(MatrixCore, AIsReadOncePerColumnFoldAndBOncePerRowFold) {
    matrix_body body = gapless(16, 8, 4);
    body.mode = MATRIX_BIAS | MATRIX_ACCUMULATE;
    body.bias = 0x4000;
    const MatrixPlan result = plan(body, 4, 4);
    EXPECT_EQ(result.row_folds, 4u);
    EXPECT_EQ(result.column_folds, 2u);
    // A: 16 x 4 fp32, twice. B: 4 x 8, four times. Bias: 8, four times. C: 16 x 8, once.
    EXPECT_EQ(result.bytes_read(true), 2u * 256 + 4 * 128 + 4 * 32 + 512);
    EXPECT_EQ(result.bytes_read(false), 2u * 256 + 4 * 128 + 4 * 32);
    EXPECT_EQ(result.macs, 16u * 8 * 4);
}

TEST(MatrixCore, TransposedOperandsAreRowsOfTheirStoredShape) {
    matrix_body body = gapless(3, 5, 7);
    body.mode = MATRIX_TRANSPOSE_A | MATRIX_TRANSPOSE_B;
    body.a_pitch = 3 * 4;
    body.b_pitch = 7 * 2;
    body.b_format = FORMAT_BF16;
    ASSERT_FALSE(check_matrix(MATRIX_MULTIPLY, body));
    const MatrixPlan result = plan(body, 4, 4);
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
        const MatrixPlan result = plan(body, 1 + random() % 256, 1 + random() % 256);
        for (const OperandRows& rows : {result.a, result.b, result.c}) {
            ASSERT_LE(rows.bytes(), max_operand_bytes);
            ASSERT_GE(rows.address + (rows.count - 1) * rows.pitch + rows.row_bytes - 1, rows.address);
        }
        ASSERT_LT(result.compute_cycles, Cycles{1} << 44) << "so that no clock makes picoseconds overflow";
    }
    EXPECT_GT(accepted, 1000u);
}

} // namespace
} // namespace gradus::ip
