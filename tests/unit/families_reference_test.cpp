// SPDX-License-Identifier: Apache-2.0
// Schedules of small models of every family, executed by the interpreter, against the same models in PyTorch
// (tests/reference/families_reference.py): losses, gradients, twenty steps of each optimizer, and twenty steps of mixed
// precision, which may be twice as far from double precision as PyTorch is with bf16.
#include <cmath>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform/scenario/load.h"
#include "platform/schedule/schedule.h"
#include "tests/support/image_interpreter.h"
#include "tests/support/random_models.h"
#include "tests/support/temporary_folder.h"

namespace gradus::families_reference_test {
namespace {

using nlohmann::json;
using test::ImageInterpreter;

const json& golden() {
    static const json content = [] {
        std::ifstream file("tests/reference/families_golden.json");
        return file ? json::parse(file) : json::object(); // in another folder there are no cases
    }();
    return content;
}

scenario::Scenario scenario_of(const json& model, const json& run) {
    std::vector<std::string> overrides = {"run.text=synthetic", "run.batch=" + golden().at("batch").dump(),
                                          "run.steps=" + golden().at("steps").dump()};
    const auto add = [&](const char* section, const json& keys) {
        for (const auto& [key, value] : keys.items())
            overrides.push_back(section + key + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
    };
    add("model.", model);
    add("run.", run);
    const test::TemporaryFolder folder;
    std::ofstream(folder.path("empty.toml")) << "run.text = \"synthetic\"\nmodel.vocabulary = 2\n";
    return scenario::load(folder.path("empty.toml"), overrides);
}

struct Chip {
    explicit Chip(const scenario::Scenario& of)
        : schedule(schedule::build(of.model, of.run, test::small_dram)), memory(memory_of(schedule)),
          chip(schedule.image, schedule.image_range.base, memory, ImageInterpreter::Storage::fp32) {
        for (const schedule::Tensor& tensor : schedule.tensors)
            chip.write(tensor.address, schedule::initial_values(tensor, of.model, of.run.seed), tensor.format);
    }
    static ip::AddressRange memory_of(const schedule::Schedule& schedule) {
        std::uint64_t end = 0;
        for (const schedule::Tensor& tensor : schedule.tensors)
            end = std::max(end, tensor.address + tensor.bytes());
        return {schedule.image_range.end(), end - schedule.image_range.end()};
    }

    schedule::Schedule schedule;
    ip::AddressRange memory;
    ImageInterpreter chip;
};

std::vector<std::string> names_of(const char* part) {
    std::vector<std::string> names;
    const json cases = golden().value(part, json::object());
    for (const auto& [name, value] : cases.items())
        names.push_back(name);
    return names;
}

TEST(Families, HaveReferences) { EXPECT_EQ(golden().count("models"), 1u) << "run in the source folder"; }

class FamilyReference : public testing::TestWithParam<std::string> {};

void expect_the_same(const json& expected, const std::string& form) {
    json keys = expected.at("keys");
    keys["attention"] = form;
    if (!keys.contains("logit_cap") && !keys.contains("head_bias")) keys["head"] = form;
    Chip run(scenario_of(keys, json::object()));
    EXPECT_EQ(run.schedule.parameter_count, expected.at("parameters"));
    EXPECT_NEAR(run.chip.run_step(0), expected.at("loss").get<double>(), 1e-4 * expected.at("loss").get<double>());
    for (const auto& [name, gradient] : expected.at("gradients").items()) {
        const schedule::Tensor* tensor = run.schedule.find("grad." + name);
        ASSERT_NE(tensor, nullptr) << name;
        const auto elements = gradient.at("elements").get<std::vector<double>>();
        const std::vector<double> computed = run.chip.read(tensor->address, tensor->rows * tensor->cols);
        const double norm = gradient.at("norm").get<double>();
        double squares = 0;
        for (const double value : computed)
            squares += value * value;
        EXPECT_NEAR(std::sqrt(squares), norm, 1e-4 * norm + 1e-7) << name;
        const std::size_t stride = std::max<std::size_t>(1, computed.size() / 30);
        const double typical = norm / std::sqrt(static_cast<double>(computed.size()));
        for (std::size_t i = 0; i < elements.size(); ++i)
            EXPECT_NEAR(computed[i * stride], elements[i], 1e-4 * (std::abs(elements[i]) + typical) + 1e-7)
                << name << "[" << i * stride << "]";
    }
}

TEST_P(FamilyReference, HasTheSameLossAndGradients) { expect_the_same(golden().at("models").at(GetParam()), "plain"); }

TEST_P(FamilyReference, HasTheSameLossAndGradientsInFusedOperators) {
    expect_the_same(golden().at("models").at(GetParam()), "fused");
}

INSTANTIATE_TEST_SUITE_P(Families, FamilyReference, testing::ValuesIn(names_of("models")),
                         [](const auto& info) { return info.param; });

class OptimizerReference : public testing::TestWithParam<std::string> {};

TEST_P(OptimizerReference, StaysWithPyTorchForTwentySteps) {
    const json& expected = golden().at("optimizers").at(GetParam());
    const json& model = golden().at("models").at(golden().at("optimized").get<std::string>()).at("keys");
    Chip run(scenario_of(model, expected.at("run")));
    const auto losses = expected.at("losses").get<std::vector<double>>();
    ASSERT_EQ(losses.size(), 20u);
    for (std::uint32_t step = 0; step < losses.size(); ++step)
        EXPECT_NEAR(run.chip.run_step(step), losses[step], 1e-4 * losses[step]) << "step " << step;
}

class MixedReference : public testing::TestWithParam<std::string> {
protected:
    void SetUp() override {
        const json& runs = golden().at("optimizers");
        expected_ = golden().at("mixed").at(GetParam());
        model_ = golden().at("models").at(GetParam());
        json keys = model_.at("keys");
        keys["format"] = "bf16";
        keys["precision"] = "mixed";
        run_ = std::make_unique<Chip>(
            scenario_of(keys, runs.at(golden().at("mixed_optimizer").get<std::string>()).at("run")));
    }

    /// Norm of what a gradient is off by, on the elements that are known.
    double error_of(const std::string& name) const {
        const schedule::Tensor& tensor = *run_->schedule.find("grad." + name);
        const auto elements = model_.at("gradients").at(name).at("elements").get<std::vector<double>>();
        const std::vector<double> computed = run_->chip.read(tensor.address, tensor.rows * tensor.cols, tensor.format);
        const std::size_t stride = std::max<std::size_t>(1, computed.size() / 30);
        double squares = 0;
        for (std::size_t i = 0; i < elements.size(); ++i)
            squares += std::pow(computed[i * stride] - elements[i], 2);
        return std::sqrt(squares);
    }

    json expected_, model_;
    std::unique_ptr<Chip> run_;
};

TEST_P(MixedReference, IsAtMostTwiceAsFarFromDoublePrecisionAsPyTorchIs) {
    const json& errors = expected_.at("gradient_errors");
    const auto losses = expected_.at("losses").get<std::vector<double>>();
    ASSERT_EQ(losses.size(), 20u);
    double difference = 0;
    for (std::uint32_t step = 0; step < losses.size(); ++step) {
        const double loss = run_->chip.run_step(step);
        EXPECT_NEAR(loss, losses[step], 0.05 * losses[step]) << "step " << step;
        difference += std::abs(loss - losses[step]) / static_cast<double>(losses.size());
        if (step > 0) continue;
        double squares = 0, reference_squares = 0;
        for (const auto& [name, error] : errors.items()) {
            squares += std::pow(error_of(name), 2);
            reference_squares += std::pow(error.get<double>(), 2);
            EXPECT_GT(error_of(name), 0) << name << " is not in bf16, nor does it come from what is";
        }
        EXPECT_LT(std::sqrt(squares), 2 * std::sqrt(reference_squares)) << "of all gradients together";
    }
    EXPECT_LT(difference, 2 * expected_.at("loss_error").get<double>()) << "of the losses, on average";
}

INSTANTIATE_TEST_SUITE_P(Families, MixedReference, testing::ValuesIn(names_of("mixed")),
                         [](const auto& info) { return info.param; });

INSTANTIATE_TEST_SUITE_P(Optimizers, OptimizerReference, testing::ValuesIn(names_of("optimizers")),
                         [](const auto& info) { return info.param; });

} // namespace
} // namespace gradus::families_reference_test
