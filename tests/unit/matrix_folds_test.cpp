// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "ip/engine/matrix_folds.h"

namespace gradus::ip::matrix_folds_test {
namespace {

MatrixParameters array(Dataflow dataflow, unsigned rows, unsigned cols, FoldChaining folds = FoldChaining::serial,
                       EdgeFolds edges = EdgeFolds::full) {
    MatrixParameters parameters;
    parameters.dataflow = dataflow;
    parameters.rows = rows;
    parameters.cols = cols;
    parameters.folds = folds;
    parameters.edge_folds = edges;
    return parameters;
}

Cycles cycles(const MatrixShape& shape, const MatrixParameters& parameters) {
    return MatrixFolds(shape, parameters).cycles();
}

Cycles ceil_of(Cycles a, Cycles b) { return (a + b - 1) / b; }

/// An output-stationary array simulated cell by cell: operands move one cell a cycle; the cycle of the last product is
/// counted.
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

TEST(MatrixFolds, AFoldTakesAsLongAsTheWaveThroughASimulatedArray) {
    for (unsigned rows : {1U, 2U, 4U, 7U})
        for (unsigned cols : {1U, 3U, 4U, 8U})
            for (unsigned k : {1U, 2U, 5U, 16U})
                EXPECT_EQ(cycles({rows, cols, k}, array(Dataflow::output, rows, cols)), simulated_fold(rows, cols, k))
                    << rows << "x" << cols << ", k " << k;
}

TEST(MatrixFolds, SerialFoldsEqualTheClosedFormsOnAThousandShapesAndArrays) {
    const unsigned seed = 20181;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto size = [&](unsigned limit) { return static_cast<std::uint32_t>(1 + random() % limit); };
    for (int round = 0; round < 1000; ++round) {
        const std::uint32_t R = size(round % 2 ? 256 : 16), C = size(round % 2 ? 256 : 16);
        const std::uint32_t M = size(4096), N = size(4096), K = size(4096);
        SCOPED_TRACE(testing::Message() << M << " x " << N << " x " << K << " on " << R << " x " << C);
        ASSERT_EQ(cycles({M, N, K}, array(Dataflow::output, R, C)),
                  ceil_of(M, R) * ceil_of(N, C) * (Cycles{K} + R + C - 2));
        ASSERT_EQ(cycles({M, N, K}, array(Dataflow::weight, R, C)),
                  ceil_of(K, R) * ceil_of(N, C) * (2 * Cycles{R} + C + M - 2));
        ASSERT_EQ(cycles({M, N, K}, array(Dataflow::input, R, C)),
                  ceil_of(K, R) * ceil_of(M, C) * (2 * Cycles{R} + C + N - 2));
    }
}

TEST(MatrixFolds, OverlappedFoldsEqualTheirClosedForms) {
    const unsigned seed = 20182;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto size = [&](unsigned limit) { return static_cast<std::uint32_t>(1 + random() % limit); };
    for (int round = 0; round < 1000; ++round) {
        const std::uint32_t R = size(64), C = size(64), M = size(600), N = size(600), K = size(600);
        SCOPED_TRACE(testing::Message() << M << " x " << N << " x " << K << " on " << R << " x " << C);
        const auto overlapped = [&](Dataflow dataflow) {
            return cycles({M, N, K}, array(dataflow, R, C, FoldChaining::overlapped));
        };
        const Cycles skew = R + C - 2;
        const Cycles of_c = ceil_of(M, R) * ceil_of(N, C), of_b = ceil_of(K, R) * ceil_of(N, C),
                     of_a = ceil_of(K, R) * ceil_of(M, C);
        ASSERT_EQ(overlapped(Dataflow::output), (of_c - 1) * std::max(K, R) + K + skew);
        ASSERT_EQ(overlapped(Dataflow::weight), R + (of_b - 1) * std::max(M, R) + M + skew);
        ASSERT_EQ(overlapped(Dataflow::input), R + (of_a - 1) * std::max(N, R) + N + skew);
    }
}

/// The same, fold by fold. Sizes of pieces along the outer and the inner dimension.
Cycles fold_by_fold(const MatrixShape& shape, const MatrixParameters& p, std::uint64_t panels) {
    const bool output = p.dataflow == Dataflow::output, weight = p.dataflow == Dataflow::weight;
    const std::uint32_t outer = weight ? shape.n : shape.m, inner = output ? shape.n : shape.k;
    const std::uint32_t outer_size = output ? p.rows : p.cols, inner_size = output ? p.cols : p.rows;
    const Cycles stream = output ? shape.k : weight ? shape.m : shape.n;
    Cycles start = 0, end = 0, last_rows = 0;
    bool first = true;
    for (std::uint32_t o = 0; o < outer && panels > 0; o += outer_size, --panels) {
        for (std::uint32_t i = 0; i < inner; i += inner_size) {
            Cycles rows = p.rows, cols = p.cols;
            if (p.edge_folds == EdgeFolds::trimmed) {
                const Cycles o_piece = std::min(outer_size, outer - o), i_piece = std::min(inner_size, inner - i);
                rows = output ? o_piece : i_piece;
                cols = output ? i_piece : o_piece;
            }
            const Cycles load = output ? 0 : rows;
            if (first)
                start = load;
            else if (p.folds == FoldChaining::serial)
                start = end + load;
            else
                start += std::max({stream, last_rows, load});
            end = std::max(end, start + stream + rows + cols - 2);
            last_rows = rows;
            first = false;
        }
    }
    return end;
}

TEST(MatrixFolds, AnswersInConstantTimeWhatFoldByFoldGives) {
    const unsigned seed = 20183;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto size = [&](unsigned limit) { return static_cast<std::uint32_t>(1 + random() % limit); };
    for (int round = 0; round < 4000; ++round) {
        const auto dataflow = static_cast<Dataflow>(random() % 3);
        const MatrixParameters parameters = array(dataflow, size(12), size(12), static_cast<FoldChaining>(random() % 2),
                                                  static_cast<EdgeFolds>(random() % 2));
        const MatrixShape shape{size(50), size(50), size(round % 2 ? 50 : 4)};
        SCOPED_TRACE(testing::Message() << shape.m << " x " << shape.n << " x " << shape.k << " on " << parameters.rows
                                        << " x " << parameters.cols);
        const MatrixFolds folds(shape, parameters);
        for (std::uint64_t panels = 1; panels <= folds.outer(); ++panels)
            ASSERT_EQ(folds.cycles_until(panels), fold_by_fold(shape, parameters, panels)) << panels;
    }
}

TEST(MatrixFolds, OneFoldWhenTheResultFitsTheArray) {
    // 16 terms, and the wave needs 3 + 3 more cycles to reach the far corner of a 4 x 4 array.
    EXPECT_EQ(cycles({4, 4, 16}, array(Dataflow::output, 4, 4)), 22u);
    // A smaller result still crosses the whole array; with a way out at every cell it does not.
    EXPECT_EQ(cycles({1, 1, 16}, array(Dataflow::output, 4, 4)), 22u);
    EXPECT_EQ(cycles({1, 1, 16}, array(Dataflow::output, 4, 4, FoldChaining::serial, EdgeFolds::trimmed)), 16u);
}

TEST(MatrixFolds, WeightsAreLoadedBeforeTheirFold) {
    // 4 cycles to load 4 rows of weights, 16 rows of A, and 3 + 3 cycles until the last sum is out.
    EXPECT_EQ(cycles({16, 4, 4}, array(Dataflow::weight, 4, 4)), 4u + 16 + 6);
    // Twice that for twice the terms; overlapped, the second set of weights comes in behind the first operands.
    EXPECT_EQ(cycles({16, 4, 8}, array(Dataflow::weight, 4, 4)), 2u * 26);
    EXPECT_EQ(cycles({16, 4, 8}, array(Dataflow::weight, 4, 4, FoldChaining::overlapped)), 4u + 2 * 16 + 6);
    // Two rows of A are through before four rows of weights are in: the fold behind waits for those.
    EXPECT_EQ(cycles({2, 4, 8}, array(Dataflow::weight, 4, 4, FoldChaining::overlapped)), 4u + 4 + 2 + 6);
}

TEST(MatrixFolds, OverlappedFoldsFillTheArrayOnce) {
    // 16 folds of 16 terms follow each other, and the last wave runs out.
    EXPECT_EQ(cycles({16, 16, 16}, array(Dataflow::output, 4, 4)), 16u * 22);
    EXPECT_EQ(cycles({16, 16, 16}, array(Dataflow::output, 4, 4, FoldChaining::overlapped)), 16u * 16 + 6);
    // Of one term each: a column of results needs four cycles to leave, and so do the folds.
    EXPECT_EQ(cycles({16, 16, 1}, array(Dataflow::output, 4, 4, FoldChaining::overlapped)), 15u * 4 + 1 + 6);
}

TEST(MatrixFolds, TrimmedEdgesTakeWhatTheyUse) {
    // 5 x 6 results on 4 x 4 cells: folds of 4 x 4, 4 x 2, 1 x 4 and 1 x 2, with 10 terms each.
    EXPECT_EQ(cycles({5, 6, 10}, array(Dataflow::output, 4, 4)), 4u * 16);
    EXPECT_EQ(cycles({5, 6, 10}, array(Dataflow::output, 4, 4, FoldChaining::serial, EdgeFolds::trimmed)),
              16u + (10 + 4) + (10 + 3) + (10 + 1));
}

TEST(MatrixFolds, ADotProductUnitTakesALaneFullACycle) {
    // One row times 256 x 32 on 64 lanes: 4 cycles a column; multiplier, six levels of adders, accumulator behind the
    // last.
    EXPECT_EQ(cycles({1, 32, 256}, array(Dataflow::dot, 1, 64)), 32u * 4 + 8);
    // A single term more costs a whole cycle a column.
    EXPECT_EQ(cycles({1, 32, 257}, array(Dataflow::dot, 1, 64)), 32u * 5 + 8);
    // Two rows: the pipeline drains between them, unless they overlap, or two trees take one each.
    EXPECT_EQ(cycles({2, 32, 256}, array(Dataflow::dot, 1, 64)), 2u * (32 * 4 + 8));
    EXPECT_EQ(cycles({2, 32, 256}, array(Dataflow::dot, 1, 64, FoldChaining::overlapped)), 2u * 32 * 4 + 8);
    EXPECT_EQ(cycles({2, 32, 256}, array(Dataflow::dot, 2, 64)), 32u * 4 + 8);
}

TEST(MatrixFolds, ALargeArrayIsMostlyFillAndDrainForASmallProduct) {
    EXPECT_EQ(cycles({16, 16, 16}, array(Dataflow::output, 256, 256)), 16u + 256 + 256 - 2);
    EXPECT_EQ(cycles({512, 512, 512}, array(Dataflow::output, 256, 256)), 4u * (512 + 510));
}

// Whatever the array, it never does more than one multiply-add a cell and cycle, overlapping never costs, and neither
// does trimming.
TEST(MatrixFolds, NoArrangementBeatsThePeakAndNoneCostsMoreThanSerialFullFolds) {
    const unsigned seed = 20184;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto size = [&](unsigned limit) { return static_cast<std::uint32_t>(1 + random() % limit); };
    for (int round = 0; round < 2000; ++round) {
        const auto dataflow = static_cast<Dataflow>(random() % 4);
        const std::uint32_t rows = size(40), cols = size(40);
        const MatrixShape shape{size(200), size(200), size(200)};
        const Cycles serial = cycles(shape, array(dataflow, rows, cols));
        const Cycles least = ceil_of(Cycles{shape.m} * shape.n * shape.k, Cycles{rows} * cols);
        for (const FoldChaining folds : {FoldChaining::serial, FoldChaining::overlapped})
            for (const EdgeFolds edges : {EdgeFolds::full, EdgeFolds::trimmed}) {
                const Cycles here = cycles(shape, array(dataflow, rows, cols, folds, edges));
                ASSERT_GE(here, least);
                ASSERT_LE(here, serial);
            }
    }
}

TEST(MatrixFolds, ThePlanOfTheLargestProductCostsNoMoreThanThatOfTheSmallest) {
    const MatrixParameters one_cell = array(Dataflow::output, 1, 1, FoldChaining::overlapped, EdgeFolds::trimmed);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(cycles({8192, 8192, 8192}, one_cell), Cycles{8192} * 8192 * 8192);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(elapsed.count(), 0.05) << "67 million folds must not be looked at one by one";
}

} // namespace
} // namespace gradus::ip::matrix_folds_test
