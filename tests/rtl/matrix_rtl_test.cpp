// SPDX-License-Identifier: Apache-2.0
// The matrix unit's timing core against the RTL of its arrays: cycles to the cycle, numbers to the bit.
#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <vector>

#include "ip/engine/rtl/verilated_array.h"

namespace gradus::ip::matrix_rtl_test {
namespace {

std::unique_ptr<MatrixArray> rtl(const MatrixParameters& parameters) {
    if (parameters.dataflow == Dataflow::output) return std::make_unique<OutputStationaryRtl>(parameters);
    return std::make_unique<WeightStationaryRtl>(parameters);
}

struct Operands {
    std::vector<float> a, b, c, bias;
    MatrixTask task;
};

/// Random values of very different sizes, so that the order of sums shows; A and B stored either way round.
Operands random_operands(std::mt19937& random, const MatrixShape& shape) {
    std::normal_distribution<float> normal;
    const auto values = [&](std::size_t count) {
        std::vector<float> result(count);
        for (float& value : result)
            value = std::ldexp(normal(random), static_cast<int>(random() % 24) - 12);
        return result;
    };
    const std::size_t m = shape.m, n = shape.n, k = shape.k;
    Operands operands{values(m * k), values(k * n), values(m * n), values(n), {}};
    operands.task.shape = shape;
    operands.task.a = random() % 2 ? MatrixView{operands.a.data(), k, 1} : MatrixView{operands.a.data(), 1, m};
    operands.task.b = random() % 2 ? MatrixView{operands.b.data(), n, 1} : MatrixView{operands.b.data(), 1, k};
    if (random() % 2) operands.task.c = operands.c.data();
    if (random() % 2) operands.task.bias = operands.bias.data();
    return operands;
}

std::vector<std::uint32_t> bits_of(MatrixArray& array, const MatrixTask& task) {
    std::vector<float> values(std::size_t{task.shape.m} * task.shape.n);
    array.results(task, {0, task.shape.m, 0, task.shape.n}, values.data());
    std::vector<std::uint32_t> bits(values.size());
    std::memcpy(bits.data(), values.data(), values.size() * sizeof(float));
    return bits;
}

/// Cycles of every outer fold and all numbers.
void expect_equal(std::mt19937& random, const MatrixParameters& parameters, const MatrixShape& shape) {
    SCOPED_TRACE(testing::Message() << shape.m << " x " << shape.n << " x " << shape.k << " on " << parameters.rows
                                    << " x " << parameters.cols);
    const Operands operands = random_operands(random, shape);
    TimingArray model(parameters);
    const std::unique_ptr<MatrixArray> hardware = rtl(parameters);
    model.start(operands.task);
    hardware->start(operands.task);
    const MatrixFolds folds(shape, parameters);
    for (std::uint64_t outer = 1; outer <= folds.outer(); ++outer)
        ASSERT_EQ(model.cycles_until(outer), hardware->cycles_until(outer)) << "after outer fold " << outer;
    ASSERT_EQ(bits_of(model, operands.task), bits_of(*hardware, operands.task));
}

void expect_equal_on_random_shapes(Dataflow dataflow, FoldChaining folds, unsigned seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto up_to = [&](unsigned limit) { return static_cast<unsigned>(1 + random() % limit); };
    for (int round = 0; round < 60; ++round) {
        MatrixParameters parameters;
        parameters.dataflow = dataflow;
        parameters.folds = folds;
        parameters.rows = up_to(rtl_array_limit);
        parameters.cols = up_to(rtl_array_limit);
        const unsigned reach = round % 3 ? 24 : 60; // a few with many folds
        expect_equal(random, parameters, {up_to(reach), up_to(reach), up_to(reach)});
        if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(MatrixRtl, OutputStationaryFoldsOneAfterTheOtherMatch) {
    expect_equal_on_random_shapes(Dataflow::output, FoldChaining::serial, 1);
}
TEST(MatrixRtl, WeightStationaryFoldsOneAfterTheOtherMatch) {
    expect_equal_on_random_shapes(Dataflow::weight, FoldChaining::serial, 2);
}
TEST(MatrixRtl, InputStationaryFoldsOneAfterTheOtherMatch) {
    expect_equal_on_random_shapes(Dataflow::input, FoldChaining::serial, 3);
}
TEST(MatrixRtl, OverlappedOutputStationaryFoldsMatch) {
    expect_equal_on_random_shapes(Dataflow::output, FoldChaining::overlapped, 4);
}
TEST(MatrixRtl, OverlappedWeightStationaryFoldsMatch) {
    expect_equal_on_random_shapes(Dataflow::weight, FoldChaining::overlapped, 5);
}
TEST(MatrixRtl, OverlappedInputStationaryFoldsMatch) {
    expect_equal_on_random_shapes(Dataflow::input, FoldChaining::overlapped, 6);
}

TEST(MatrixRtl, CornersMatch) {
    std::mt19937 random(7);
    for (const Dataflow dataflow : {Dataflow::output, Dataflow::weight, Dataflow::input})
        for (const FoldChaining folds : {FoldChaining::serial, FoldChaining::overlapped})
            for (const auto& [rows, cols] : {std::pair{1U, 1U}, {1U, 16U}, {16U, 1U}, {16U, 16U}})
                for (const MatrixShape& shape :
                     {MatrixShape{1, 1, 1}, {33, 1, 1}, {1, 33, 1}, {1, 1, 33}, {17, 16, 15}}) {
                    MatrixParameters parameters;
                    parameters.rows = rows;
                    parameters.cols = cols;
                    parameters.dataflow = dataflow;
                    parameters.folds = folds;
                    expect_equal(random, parameters, shape);
                }
}

// An edge fold that needs only some of the rows and columns takes as long as an array of that size would.
TEST(MatrixRtl, ATrimmedFoldTakesAsLongAsAnArrayOfItsSize) {
    std::mt19937 random(8);
    for (const Dataflow dataflow : {Dataflow::output, Dataflow::weight, Dataflow::input})
        for (unsigned used_rows = 1; used_rows <= 5; ++used_rows)
            for (unsigned used_cols = 1; used_cols <= 5; ++used_cols) {
                MatrixParameters array;
                array.rows = 8;
                array.cols = 7;
                array.dataflow = dataflow;
                array.edge_folds = EdgeFolds::trimmed;
                MatrixParameters used = array;
                used.rows = used_rows;
                used.cols = used_cols;
                used.edge_folds = EdgeFolds::full;
                const unsigned streamed = 9;
                const MatrixShape shape = dataflow == Dataflow::output   ? MatrixShape{used_rows, used_cols, streamed}
                                          : dataflow == Dataflow::weight ? MatrixShape{streamed, used_cols, used_rows}
                                                                         : MatrixShape{used_cols, streamed, used_rows};
                const Operands operands = random_operands(random, shape);
                const std::unique_ptr<MatrixArray> hardware = rtl(used);
                hardware->start(operands.task);
                ASSERT_EQ(MatrixFolds(shape, array).cycles(), hardware->cycles_until(1));
            }
}

TEST(MatrixRtl, TimeDoesNotDependOnValues) {
    std::mt19937 random(9);
    for (const Dataflow dataflow : {Dataflow::output, Dataflow::weight, Dataflow::input}) {
        MatrixParameters parameters;
        parameters.dataflow = dataflow;
        const MatrixShape shape{9, 10, 11};
        const Operands operands = random_operands(random, shape);
        MatrixTask timing_only;
        timing_only.shape = shape;
        const std::unique_ptr<MatrixArray> hardware = rtl(parameters);
        hardware->start(operands.task);
        const Cycles outer = MatrixFolds(shape, parameters).outer();
        const Cycles with_values = hardware->cycles_until(outer);
        hardware->start(timing_only);
        EXPECT_EQ(hardware->cycles_until(outer), with_values);
    }
}

} // namespace
} // namespace gradus::ip::matrix_rtl_test
