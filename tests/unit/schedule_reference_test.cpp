// SPDX-License-Identifier: Apache-2.0
// The schedule of the smallest character model, executed by the interpreter, against the same model in PyTorch
// (tests/reference/microgpt_reference.py).
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform/schedule/schedule.h"
#include "tests/support/interpreted_model.h"
#include "tests/support/random_models.h"

namespace gradus::schedule_reference_test {
namespace {

using test::ImageInterpreter;

class MicrogptReference : public testing::Test {
protected:
    void SetUp() override {
        std::ifstream file("tests/reference/microgpt_golden.json");
        ASSERT_TRUE(file) << "run in the source folder";
        golden_ = nlohmann::json::parse(file);
        run_.steps = golden_.at("steps").get<unsigned>();
        schedule_ = schedule::build(model_, run_, test::small_dram);
    }

    ImageInterpreter initialized_chip() const {
        return test::interpreted(schedule_, model_, run_.seed, ImageInterpreter::Storage::fp32);
    }

    scenario::ModelParameters model_;
    scenario::RunParameters run_;
    schedule::Schedule schedule_;
    nlohmann::json golden_;
};

TEST_F(MicrogptReference, ReadsTheSameDocuments) {
    EXPECT_EQ(schedule_.text.documents, golden_.at("documents"));
    EXPECT_EQ(schedule_.text.lines_left_out, golden_.at("skipped"));
    std::string symbols;
    for (const std::string& symbol : schedule_.text.symbols)
        symbols += symbol;
    EXPECT_EQ(symbols, golden_.at("symbols"));
    EXPECT_EQ(schedule_.parameter_count, golden_.at("parameters"));
}

TEST_F(MicrogptReference, DrawsTheSameInitialValues) {
    for (const auto& [name, expected] : golden_.at("initial").items()) {
        const schedule::Tensor* tensor = schedule_.find(name);
        ASSERT_NE(tensor, nullptr) << name;
        double sum = 0;
        double squares = 0;
        for (const float value : schedule::initial_values(*tensor, model_, run_.seed)) {
            sum += value;
            squares += double{value} * value;
        }
        EXPECT_NEAR(sum, expected.at("sum").get<double>(), 1e-7) << name;
        EXPECT_NEAR(squares, expected.at("squares").get<double>(), 1e-7) << name;
    }
}

TEST_F(MicrogptReference, ComputesTheSameGradientsInStepOne) {
    ImageInterpreter chip = initialized_chip();
    chip.run_step(0);
    std::size_t tensors = 0;
    for (const auto& [name, values] : golden_.at("gradients").items()) {
        const schedule::Tensor* gradient = schedule_.find("grad." + name);
        ASSERT_NE(gradient, nullptr) << name;
        const auto expected = values.get<std::vector<double>>();
        ASSERT_EQ(expected.size(), gradient->rows * gradient->cols) << name;
        const std::vector<double> computed = chip.read(gradient->address, expected.size());
        double error = 0;
        double norm = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            error += std::pow(computed[i] - expected[i], 2);
            norm += std::pow(expected[i], 2);
            EXPECT_NEAR(computed[i], expected[i], 1e-4 * std::abs(expected[i]) + 1e-7) << name << "[" << i << "]";
        }
        EXPECT_LT(std::sqrt(error), 1e-4 * std::sqrt(norm)) << name;
        ++tensors;
    }
    EXPECT_EQ(tensors, 9u) << "two embeddings, four projections of attention, two of the MLP, and the head";
}

TEST_F(MicrogptReference, LosesTheSameOverTheFirstSteps) {
    ImageInterpreter chip = initialized_chip();
    const auto losses = golden_.at("losses").get<std::vector<double>>();
    ASSERT_EQ(losses.size(), 100u);
    for (std::uint32_t step = 0; step < losses.size(); ++step)
        EXPECT_NEAR(chip.run_step(step), losses[step], 1e-3) << "step " << step;
}

TEST_F(MicrogptReference, LearnsAsMuchInAThousandSteps) {
    ImageInterpreter chip = initialized_chip();
    double last_50 = 0;
    for (std::uint32_t step = 0; step < run_.steps; ++step) {
        const double loss = chip.run_step(step);
        if (step >= run_.steps - 50) last_50 += loss / 50;
    }
    EXPECT_NEAR(last_50, golden_.at("last_50_mean_loss").get<double>(), 0.02);
}

} // namespace
} // namespace gradus::schedule_reference_test
