// SPDX-License-Identifier: Apache-2.0
// Gradients of a scaled loss: where the scale is a power of two, every number is the same to the last bit.
#include <cmath>

#include <gtest/gtest.h>

#include "ip/common/command.h"
#include "platform/schedule/schedule.h"
#include "tests/support/interpreted_model.h"
#include "tests/support/random_models.h"

namespace gradus::schedule::schedule_loss_scale_test {
namespace {

/// Of three steps: losses, then parameters; and the gradients of the last one.
struct Numbers {
    std::vector<double> trained, gradients;
};

Numbers numbers_of(test::RandomModel random, double scale) {
    random.run.loss_scale = scale;
    const Schedule schedule = build(random.model, random.run, test::small_dram);
    test::ImageInterpreter chip =
        test::interpreted(schedule, random.model, random.run.seed, test::ImageInterpreter::Storage::fp32);
    Numbers numbers;
    for (std::uint32_t step = 0; step < 3; ++step)
        numbers.trained.push_back(chip.run_step(step));
    const auto append = [&](std::vector<double>& to, const Tensor& tensor) {
        const std::vector<double> values = chip.read(tensor.address, tensor.rows * tensor.cols, tensor.format);
        to.insert(to.end(), values.begin(), values.end());
    };
    for (const Tensor& tensor : schedule.tensors) {
        if (tensor.kind == TensorKind::parameter) append(numbers.trained, tensor);
        if (tensor.kind == TensorKind::gradient && tensor.name.rfind("grad.", 0) == 0)
            append(numbers.gradients, tensor);
    }
    return numbers;
}

/// Some are clipped, some in mixed precision.
test::RandomModel model_of(std::uint64_t seed) {
    test::RandomModel random = test::random_model(seed);
    if (seed % 2 == 0) random.run.clip = 0.3;
    if (seed % 3 == 0) random.model.precision = scenario::Precision::mixed;
    return random;
}

class LossScaleOfRandomModel : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LossScaleOfRandomModel, OfAPowerOfTwoScalesGradientsAndChangesNoOtherBit) {
    const test::RandomModel random = model_of(GetParam());
    SCOPED_TRACE(testing::Message() << "seed " << GetParam() << ": " << random.describe());
    const Numbers plain = numbers_of(random, 1), scaled = numbers_of(random, 4096);
    EXPECT_EQ(scaled.trained, plain.trained);
    ASSERT_EQ(scaled.gradients.size(), plain.gradients.size());
    for (std::size_t i = 0; i < plain.gradients.size(); ++i)
        ASSERT_EQ(scaled.gradients[i], 4096 * plain.gradients[i]) << i;
}

TEST_P(LossScaleOfRandomModel, OfAnyNumberChangesLossesByRoundingAlone) {
    test::RandomModel random = model_of(GetParam());
    random.model.precision = scenario::Precision::fp32;
    SCOPED_TRACE(testing::Message() << "seed " << GetParam() << ": " << random.describe());
    const Numbers plain = numbers_of(random, 1), scaled = numbers_of(random, 1000);
    for (std::size_t step = 0; step < 3; ++step)
        EXPECT_NEAR(scaled.trained[step], plain.trained[step], 1e-4 * plain.trained[step]) << step;
}

INSTANTIATE_TEST_SUITE_P(Seeds, LossScaleOfRandomModel, testing::Range<std::uint64_t>(1, 21));

TEST(LossScale, IsOneConstantUnlessGradientsAreClipped) {
    scenario::RunParameters run;
    run.loss_scale = 8;
    const Schedule schedule = build({}, run, test::small_dram);
    const Tensor* factor = schedule.find("loss_scale.factor");
    ASSERT_NE(factor, nullptr);
    EXPECT_EQ(initial_values(*factor, {}, 1), std::vector<float>{0.125F});
    run.clip = 1;
    EXPECT_EQ(build({}, run, test::small_dram).find("loss_scale.factor"), nullptr);
    run.loss_scale = 1;
    run.clip = 0;
    EXPECT_EQ(build({}, run, test::small_dram).find("loss_scale.factor"), nullptr);
}

} // namespace
} // namespace gradus::schedule::schedule_loss_scale_test
