// SPDX-License-Identifier: Apache-2.0
// The chip trains the smallest character model as PyTorch does (tests/reference/microgpt_reference.py).
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/chip_run.h"
#include "tests/support/close.h"

namespace gradus::test::reference_test {
namespace {

nlohmann::json golden() {
    std::ifstream file("tests/reference/microgpt_golden.json");
    return nlohmann::json::parse(file);
}

TEST(Reference, GradientsOfStepOneAreThoseOfAutograd) {
    const ChipRun run(shipped_scenario("names", {"run.steps=1", "run.generate=0"}));
    const nlohmann::json expected = golden().at("gradients");
    ASSERT_EQ(expected.size(), 9u) << "two embeddings, four projections of attention, two of the MLP, and the head";
    const chip::Outcome outcome = run.simulate({}, [&](chip::VirtualChip& chip) {
        for (const auto& [name, values] : expected.items()) {
            const schedule::Tensor* gradient = run.schedule.find("grad." + name);
            ASSERT_NE(gradient, nullptr) << name;
            expect_close(name, read_tensor(chip, *gradient), values.get<std::vector<double>>(), {1e-4, 1e-4, 1e-6});
        }
    });
    EXPECT_FALSE(outcome.failure) << *outcome.failure;
    EXPECT_EQ(outcome.result.exit_code, 0);
}

TEST(Reference, TheLossFollowsPyTorchThroughAThousandSteps) {
    const nlohmann::json expected = golden();
    const auto first_losses = expected.at("losses").get<std::vector<float>>();
    const auto steps = expected.at("steps").get<std::size_t>();
    ASSERT_EQ(first_losses.size(), 100u);
    ASSERT_EQ(steps, 1000u);

    const ChipRun run(shipped_scenario("names", {"run.generate=0"}));
    const chip::Outcome outcome = run.simulate();
    EXPECT_FALSE(outcome.failure) << *outcome.failure;
    const observe::StepLog& computed = outcome.result.steps;
    ASSERT_EQ(computed.size(), steps);
    for (std::size_t step = 0; step < first_losses.size(); ++step)
        EXPECT_NEAR(computed[step].loss, first_losses[step], 1e-3) << "step " << step;
    double last_50 = 0;
    for (std::size_t step = steps - 50; step < steps; ++step)
        last_50 += computed[step].loss / 50;
    EXPECT_LT(last_50, 2.5) << "the model has learnt: a guess among 27 symbols loses ln 27 = 3.30";
    EXPECT_NEAR(last_50, expected.at("last_50_mean_loss").get<double>(), 0.02);
}

} // namespace
} // namespace gradus::test::reference_test
