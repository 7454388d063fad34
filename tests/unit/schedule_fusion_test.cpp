// SPDX-License-Identifier: Apache-2.0
// What follows a product becomes a part of it (platform/schedule/fusion.h), and nothing that is computed changes.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platform/schedule/schedule.h"
#include "tests/support/interpreted_model.h"
#include "tests/support/random_models.h"

namespace gradus::schedule_fusion_test {
namespace {

using schedule::Schedule;
using test::ImageInterpreter;

struct Model {
    scenario::ModelParameters model;
    scenario::RunParameters run;

    Schedule build(scenario::Form epilogues) {
        model.epilogues = epilogues;
        return schedule::build(model, run, test::small_dram);
    }
};

std::vector<std::string> names_of(const Schedule& schedule, const std::string& kind) {
    std::vector<std::string> names;
    for (const schedule::Op& op : schedule.ops)
        if (op.kind == kind) names.push_back(op.name);
    return names;
}

TEST(Fusion, MakesResidualSumsActivationsAndTheirSlopesPartsOfProducts) {
    Model one;
    one.model.layers = 1;
    one.run.steps = 1;
    const Schedule plain = one.build(scenario::Form::plain), fused = one.build(scenario::Form::fused);
    EXPECT_EQ(names_of(plain, "matmul_fused"), std::vector<std::string>{});
    EXPECT_EQ(names_of(fused, "matmul_fused"), (std::vector<std::string>{"layer0.attention.output", "layer0.mlp.up",
                                                                         "layer0.mlp.down", "layer0.mlp.down.input"}));
    EXPECT_EQ(names_of(fused, "add"), std::vector<std::string>{});
    EXPECT_EQ(names_of(fused, "activation"), std::vector<std::string>{});
    EXPECT_EQ(names_of(fused, "activation_backward"), std::vector<std::string>{});
    EXPECT_EQ(plain.ops.size() - fused.ops.size(), 4u);
}

// The gradient of the gate goes through a product of elements first; its slope stays an operator.
TEST(Fusion, OfAGatedMlpTakesTheActivationOfTheGate) {
    Model gated;
    gated.model.layers = 1;
    gated.model.gated_mlp = true;
    gated.run.steps = 1;
    const Schedule fused = gated.build(scenario::Form::fused);
    EXPECT_EQ(names_of(fused, "matmul_fused"),
              (std::vector<std::string>{"layer0.attention.output", "layer0.mlp.gate", "layer0.mlp.down"}));
    EXPECT_EQ(names_of(fused, "activation_backward"), (std::vector<std::string>{"layer0.mlp.activation"}));
}

TEST(Fusion, LeavesLogitsAndBatchesOfProductsAlone) {
    Model one;
    one.run.steps = 1;
    one.model.logit_cap = 2;
    const Schedule fused = one.build(scenario::Form::fused);
    for (const schedule::Op& op : fused.ops)
        if (op.kind == "matmul_fused") {
            EXPECT_EQ(op.name.find("head"), std::string::npos) << op.name;
            EXPECT_EQ(op.name.find("attention.scores"), std::string::npos) << op.name;
        }
}

/// Losses of three steps, and of the first one all gradients, by name.
struct Numbers {
    explicit Numbers(const Schedule& schedule, const Model& of) {
        ImageInterpreter chip = test::interpreted(schedule, of.model, of.run.seed, ImageInterpreter::Storage::fp64);
        for (std::uint32_t step = 0; step < of.run.steps; ++step)
            losses.push_back(chip.run_step(step));
        for (const schedule::Tensor& tensor : schedule.tensors)
            if (tensor.kind == schedule::TensorKind::parameter)
                parameters.push_back(chip.read(tensor.address, tensor.rows * tensor.cols));
    }
    std::vector<double> losses;
    std::vector<std::vector<double>> parameters;
};

// Every sum is the same in double precision but for the order of its terms.
TEST(Fusion, OfRandomModelsChangesNoLossAndNoParameter) {
    unsigned fused_ones = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const test::RandomModel random = test::random_model(seed);
        Model of{random.model, random.run};
        SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << random.describe());
        const Schedule plain = of.build(scenario::Form::plain), fused = of.build(scenario::Form::fused);
        fused_ones += static_cast<unsigned>(plain.ops.size() - fused.ops.size());
        const Numbers expected(plain, of), found(fused, of);
        ASSERT_EQ(found.losses.size(), expected.losses.size());
        for (std::size_t i = 0; i < expected.losses.size(); ++i)
            EXPECT_NEAR(found.losses[i], expected.losses[i], 1e-9) << "step " << i;
        ASSERT_EQ(found.parameters.size(), expected.parameters.size());
        for (std::size_t i = 0; i < expected.parameters.size(); ++i)
            for (std::size_t j = 0; j < expected.parameters[i].size(); ++j)
                ASSERT_NEAR(found.parameters[i][j], expected.parameters[i][j], 1e-7) << "parameter " << i << ", " << j;
    }
    EXPECT_GT(fused_ones, 40u);
}

} // namespace
} // namespace gradus::schedule_fusion_test
