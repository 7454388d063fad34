// SPDX-License-Identifier: Apache-2.0
// The gradients a schedule computes against finite differences of the loss it computes, both by executing its image.
#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "ip/common/command.h"
#include "platform/schedule/schedule.h"
#include "tests/support/image_interpreter.h"
#include "tests/support/random_models.h"

namespace gradus::schedule_gradient_test {
namespace {

using test::ImageInterpreter;

ImageInterpreter interpreter_for(const schedule::Schedule& schedule) {
    std::uint64_t end = 0;
    for (const schedule::Tensor& tensor : schedule.tensors)
        end = std::max(end, tensor.address + tensor.bytes());
    const std::uint64_t begin = schedule.image_range.end();
    return {schedule.image, schedule.image_range.base, {begin, end - begin}, ImageInterpreter::Storage::fp64};
}

/// Gains and biases too are away from their initial 1 and 0, where a missing factor would not show.
void randomize_parameters(const schedule::Schedule& schedule, ImageInterpreter& chip, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> uniform(-0.9, 0.9);
    for (const schedule::Tensor& tensor : schedule.tensors)
        if (tensor.kind == schedule::TensorKind::parameter)
            for (std::uint64_t i = 0; i < tensor.rows * tensor.cols; ++i)
                chip.set(tensor.address + 4 * i, uniform(engine));
}

/// Memory that two tensors share holds garbage at first: no operator may count on zeros.
void fill_with_garbage(const schedule::Schedule& schedule, ImageInterpreter& chip) {
    for (const schedule::Tensor& tensor : schedule.tensors)
        if (tensor.kind != schedule::TensorKind::parameter && tensor.kind != schedule::TensorKind::moment &&
            tensor.kind != schedule::TensorKind::constant)
            for (std::uint64_t i = 0; i < tensor.rows * tensor.cols; ++i)
                chip.set(tensor.address + 4 * i, 1e3);
}

void write_constants(const schedule::Schedule& schedule, const test::RandomModel& random, ImageInterpreter& chip) {
    for (const schedule::Tensor& tensor : schedule.tensors)
        if (tensor.kind == schedule::TensorKind::constant)
            chip.write(tensor.address, schedule::initial_values(tensor, random.model, random.run.seed));
}

void run_backward(ImageInterpreter& chip, std::uint32_t step) {
    for (const test::OpRecord& op : chip.ops())
        if (op.phase != COMMAND_PHASE_UPDATE) chip.execute(op, step);
}

class GradientOfRandomModel : public testing::TestWithParam<std::uint64_t> {};

TEST_P(GradientOfRandomModel, EqualsFiniteDifferencesOfTheLoss) {
    const std::uint64_t seed = GetParam();
    const test::RandomModel random = test::random_model(seed);
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << random.describe());
    const schedule::Schedule schedule = schedule::build(random.model, random.run, test::small_dram);
    ImageInterpreter chip = interpreter_for(schedule);
    fill_with_garbage(schedule, chip);
    write_constants(schedule, random, chip);
    randomize_parameters(schedule, chip, seed);
    const std::uint32_t step = 1;
    run_backward(chip, step);

    std::mt19937_64 engine(seed + 1);
    for (const schedule::Tensor& tensor : schedule.tensors) {
        if (tensor.kind != schedule::TensorKind::parameter) continue;
        const schedule::Tensor* gradient = schedule.find("grad." + tensor.name);
        ASSERT_NE(gradient, nullptr) << tensor.name;
        const std::uint64_t elements = tensor.rows * tensor.cols;
        const std::vector<double> computed = chip.read(gradient->address, elements);
        for (unsigned sample = 0; sample < 12; ++sample) {
            const std::uint64_t i = engine() % elements;
            const std::uint64_t address = tensor.address + 4 * i;
            const double value = chip.get(address);
            const double h = 2e-6;
            chip.set(address, value + h);
            const double above = chip.run_forward(step);
            chip.set(address, value - h);
            const double below = chip.run_forward(step);
            chip.set(address, value);
            EXPECT_NEAR(computed[i], (above - below) / (2 * h), 1e-7 + 1e-5 * std::abs(computed[i]))
                << tensor.name << "[" << i << "]";
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, GradientOfRandomModel, testing::Range<std::uint64_t>(1, 41));

TEST(ScheduleGradient, PaddingAndForeignPositionsDoNotReachTheLoss) {
    test::RandomModel random = test::random_model(3);
    random.run.text = "/usr/share/dict/propernames.gz";
    random.model.vocabulary = 0;
    random.model.positions = scenario::Positions::learned;
    random.model.embedding_scaled = false;
    random.model.objective = scenario::Objective::next_token;
    random.model.patch_values = 0;
    random.model.context = 20; // longer than every name
    const schedule::Schedule schedule = schedule::build(random.model, random.run, test::small_dram);
    ImageInterpreter chip = interpreter_for(schedule);
    randomize_parameters(schedule, chip, 3);
    run_backward(chip, 0);
    const schedule::Tensor* gradient = schedule.find("grad.embedding.position");
    ASSERT_NE(gradient, nullptr);
    const std::vector<double> values = chip.read(gradient->address, gradient->rows * gradient->cols);
    const auto row_begin = [&](std::uint64_t row) { return values.begin() + static_cast<long>(row * gradient->cols); };
    EXPECT_TRUE(std::any_of(row_begin(0), row_begin(1), [](double g) { return g != 0; }));
    EXPECT_TRUE(std::all_of(row_begin(19), row_begin(20), [](double g) { return g == 0; }))
        << "no name has 19 characters: the last position is padding in every sequence";
}

} // namespace
} // namespace gradus::schedule_gradient_test
