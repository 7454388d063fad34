// SPDX-License-Identifier: Apache-2.0
// What an operator alone computes on the chip, against its definition in double.
#include <algorithm>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "platform/schedule/operator.h"
#include "tests/support/chip_run.h"
#include "tests/support/close.h"

namespace gradus::test::op_numbers_test {
namespace {

using schedule::OperatorKind;
using schedule::OperatorRequest;

/// A [rows, cols] operand as it stood in DRAM.
struct Matrix {
    std::size_t rows, cols;
    std::vector<float> values;
    double at(std::size_t row, std::size_t col) const { return double{values[row * cols + col]}; }
};

/// Operands by name, and what the operator left in its result.
class OperatorRun {
public:
    OperatorRun(const OperatorRequest& request, const char* result) : result_(result) {
        scenario::Scenario scenario;
        scenario.chip = scenario::load_chip("scenarios/chips/tiny.toml");
        scenario.run.steps = request.steps;
        const schedule::Schedule schedule = schedule::build_operator(request, chip::dram_range(scenario.chip));
        const auto read = [&](chip::VirtualChip& chip) {
            for (const schedule::Tensor& tensor : schedule.tensors)
                if (tensor.kind == schedule::TensorKind::parameter || tensor.name == result_)
                    tensors_[tensor.name] = {tensor.rows, tensor.cols, read_tensor(chip, tensor)};
        };
        const chip::Outcome outcome =
            chip::simulate({scenario, schedule, firmware_path("train"), nullptr, nullptr, {}, read});
        EXPECT_FALSE(outcome.failure) << *outcome.failure;
        EXPECT_EQ(outcome.result.steps.size(), request.steps);
    }

    const Matrix& operand(const char* name) const { return tensors_.at(name); }

    /// truth(row, col) for every element of the result.
    template <class Truth>
    void expect(Truth truth) const {
        const Matrix& result = tensors_.at(result_);
        std::vector<double> values;
        for (std::size_t row = 0; row < result.rows; ++row)
            for (std::size_t col = 0; col < result.cols; ++col)
                values.push_back(truth(row, col));
        expect_close(result_, result.values, values, {1e-5, 1e-4, 1e-5, 1e-7});
    }

private:
    std::map<std::string, Matrix> tensors_;
    const std::string result_;
};

double mean_of(const Matrix& x, std::size_t row) {
    double sum = 0;
    for (std::size_t col = 0; col < x.cols; ++col)
        sum += x.at(row, col);
    return sum / static_cast<double>(x.cols);
}

double mean_square_of(const Matrix& x, std::size_t row, double origin) {
    double sum = 0;
    for (std::size_t col = 0; col < x.cols; ++col)
        sum += (x.at(row, col) - origin) * (x.at(row, col) - origin);
    return sum / static_cast<double>(x.cols);
}

TEST(OpNumbers, Gemm) {
    const OperatorRun run({OperatorKind::gemm, {21, 34, 55}}, "c");
    const Matrix &a = run.operand("a"), &b = run.operand("b");
    run.expect([&](std::size_t row, std::size_t col) {
        double sum = 0;
        for (std::size_t k = 0; k < a.cols; ++k)
            sum += a.at(row, k) * b.at(k, col);
        return sum;
    });
}

void expect_layernorm(const OperatorRun& run) {
    const Matrix &x = run.operand("x"), &gain = run.operand("gain"), &bias = run.operand("bias");
    std::vector<double> means, scales;
    for (std::size_t row = 0; row < x.rows; ++row) {
        means.push_back(mean_of(x, row));
        scales.push_back(1 / std::sqrt(mean_square_of(x, row, means.back()) + 1e-5));
    }
    run.expect([&](std::size_t row, std::size_t col) {
        return (x.at(row, col) - means[row]) * scales[row] * gain.at(0, col) + bias.at(0, col);
    });
}

TEST(OpNumbers, Layernorm) { expect_layernorm(OperatorRun({OperatorKind::layernorm, {17, 33}}, "y")); }

TEST(OpNumbers, LayernormOfRowsThatDoNotFitTheScratchpad) {
    expect_layernorm(OperatorRun({OperatorKind::layernorm, {3, 9000}}, "y"));
}

TEST(OpNumbers, Rmsnorm) {
    const OperatorRun run({OperatorKind::rmsnorm, {17, 33}}, "y");
    const Matrix &x = run.operand("x"), &gain = run.operand("gain");
    run.expect([&](std::size_t row, std::size_t col) {
        return x.at(row, col) / std::sqrt(mean_square_of(x, row, 0) + 1e-5) * gain.at(0, col);
    });
}

TEST(OpNumbers, Softmax) {
    const OperatorRun run({OperatorKind::softmax, {17, 33}}, "y");
    const Matrix& x = run.operand("x");
    run.expect([&](std::size_t row, std::size_t col) {
        double sum = 0;
        for (std::size_t c = 0; c < x.cols; ++c)
            sum += std::exp(x.at(row, c));
        return std::exp(x.at(row, col)) / sum;
    });
}

void expect_attention(OperatorKind kind, const char* result) {
    constexpr std::size_t heads = 3, width = 24, head = width / heads;
    const OperatorRun run({kind, {16, width, heads}}, result);
    const Matrix &query = run.operand("query"), &key = run.operand("key"), &value = run.operand("value");
    run.expect([&](std::size_t row, std::size_t col) {
        const std::size_t first = col / head * head;
        double sum = 0, mix = 0;
        for (std::size_t other = 0; other <= row; ++other) {
            double score = 0;
            for (std::size_t c = first; c < first + head; ++c)
                score += query.at(row, c) * key.at(other, c);
            const double weight = std::exp(score / std::sqrt(double{head}));
            sum += weight;
            mix += weight * value.at(other, col);
        }
        return mix / sum;
    });
}

TEST(OpNumbers, CausalAttentionOfSeveralHeads) { expect_attention(OperatorKind::attention, "attention.mix.out"); }

TEST(OpNumbers, FusedCausalAttentionOfSeveralHeads) {
    expect_attention(OperatorKind::fused_attention, "attention.out");
}

TEST(OpNumbers, Sum) {
    const OperatorRun run({OperatorKind::add, {17, 33}}, "y");
    run.expect([&](std::size_t row, std::size_t col) {
        return run.operand("a").at(row, col) + run.operand("b").at(row, col);
    });
}

TEST(OpNumbers, Relu) {
    const OperatorRun run({OperatorKind::relu, {17, 33}}, "y");
    run.expect([&](std::size_t row, std::size_t col) { return std::max(0.0, run.operand("x").at(row, col)); });
}

TEST(OpNumbers, Copy) {
    const OperatorRun run({OperatorKind::copy, {170, 330}}, "y");
    run.expect([&](std::size_t row, std::size_t col) { return run.operand("x").at(row, col); });
}

} // namespace
} // namespace gradus::test::op_numbers_test
