// SPDX-License-Identifier: Apache-2.0
// sanitized
// Every operator, forward, backward and update, as the chip computes it in tiles, against double precision: random
// small models train for two steps on chips that tile them differently, and what is in DRAM at the end is compared with
// what the image's interpreter has. And the chip's gradients against the slopes of the chip's own loss.
#include <fstream>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/chip_run.h"
#include "tests/support/close.h"
#include "tests/support/image_interpreter.h"
#include "tests/support/program.h"
#include "tests/support/random_runs.h"

namespace gradus::test::operators_test {
namespace {

ImageInterpreter interpreter_for(const schedule::Schedule& schedule, ImageInterpreter::Storage storage) {
    std::uint64_t end = 0;
    for (const schedule::Tensor& tensor : schedule.tensors)
        end = std::max(end, tensor.address + tensor.bytes());
    const std::uint64_t begin = schedule.image_range.end();
    return {schedule.image, schedule.image_range.base, {begin, end - begin}, storage};
}

class OperatorsOfRandomModels : public ::testing::TestWithParam<std::tuple<std::size_t, std::uint64_t>> {};

TEST_P(OperatorsOfRandomModels, GiveWhatDoublePrecisionGives) {
    const ChipVariant& variant = chip_variants()[std::get<0>(GetParam())];
    const std::uint64_t seed = std::get<1>(GetParam());
    const ChipRun run(random_scenario(seed, variant));
    SCOPED_TRACE(::testing::Message() << "seed " << seed << ": " << random_model(seed).describe());
    const bool bf16 = run.scenario.model.format == scenario::Format::bf16;

    // A bf16 operand is a rounded one, and values at the edge of two are rounded to either; fp32 between operators
    // keeps their number small.
    ImageInterpreter truth =
        interpreter_for(run.schedule, bf16 ? ImageInterpreter::Storage::fp32 : ImageInterpreter::Storage::fp64);
    const auto fill = [&](chip::VirtualChip& chip) {
        fill_scratchpad_with_nan(chip, run.scenario.chip);
        std::mt19937_64 engine(seed);
        for (const schedule::Tensor& tensor : run.schedule.tensors) {
            const std::vector<float> content = initial_content(tensor, engine);
            write_tensor(chip, tensor, content);
            truth.write(tensor.address, content, tensor.format);
        }
    };
    const Tolerance tolerance = bf16 ? Tolerance{3e-2, 3e-2, 5e-2, 1e-3} : Tolerance{1e-4, 1e-3, 1e-4, 5e-7};
    const auto compare = [&](chip::VirtualChip& chip) {
        for (unsigned step = 0; step < run.scenario.run.steps; ++step)
            truth.run_step(step);
        for (const schedule::Tensor& tensor : run.schedule.tensors) {
            if (tensor.kind == schedule::TensorKind::activation && tensor.address != truth.header().loss_address)
                continue;
            if (tensor.kind == schedule::TensorKind::activation_gradient) continue;
            expect_close(tensor.name, read_tensor(chip, tensor),
                         truth.read(tensor.address, tensor.rows * tensor.cols, tensor.format), tolerance);
        }
    };
    const chip::Outcome outcome = run.simulate(fill, compare);
    EXPECT_FALSE(outcome.failure) << *outcome.failure;
    EXPECT_EQ(outcome.result.exit_code, 0);
    EXPECT_EQ(outcome.result.steps.size(), run.scenario.run.steps);
}

INSTANTIATE_TEST_SUITE_P(Chips, OperatorsOfRandomModels,
                         ::testing::Combine(::testing::Range<std::size_t>(0, chip_variants().size()),
                                            ::testing::Range<std::uint64_t>(1, 11)),
                         [](const auto& info) {
                             return std::string(chip_variants()[std::get<0>(info.param)].name) + "Seed" +
                                    std::to_string(std::get<1>(info.param));
                         });

TEST(Operators, TheRandomModelsContainEveryKindOfOperator) {
    std::set<unsigned> kinds, all;
    for (std::uint64_t seed = 1; seed < 11; ++seed)
        for (const ChipVariant* variant : {&chip_variants().front(), &chip_variants().back()}) {
            const ChipRun run(random_scenario(seed, *variant));
            for (const schedule::Op& op : run.schedule.ops)
                kinds.insert(op.image.kind);
        }
#define KIND_OF(ID, name, number, operands, flags, accumulates) all.insert(number);
    OPERATORS(KIND_OF)
#undef KIND_OF
    all.erase(OP_COPY); // of an operator alone, or a parameter that is an addend
    EXPECT_EQ(kinds, all);
}

/// Moves the parameters between steps along one direction after the other: a step forward, then one backward.
class SlopeProbe : public chip::RunListener {
public:
    explicit SlopeProbe(const schedule::Schedule& schedule) : schedule_(schedule) {}
    chip::VirtualChip* chip = nullptr;

    struct Slope {
        std::string tensor;
        double by_gradient = 0; ///< gradient times direction
        double above = 0;       ///< loss a step of `width` ahead
        double below = 0;
    };
    static constexpr float width = 1.0f / 64;
    std::vector<Slope> slopes;

    void uart(char) override {}

    void step_done(std::uint32_t step, float loss, ip::Picoseconds) override {
        if (step == 0) find_directions();
        if (step % 2 == 1) slopes[step / 2].above = static_cast<double>(loss);
        if (step > 0 && step % 2 == 0) slopes[step / 2 - 1].below = static_cast<double>(loss);
        if (step > 0) set(step - 1, 0);
        set(step, step % 2 == 0 ? width : -width);
    }

private:
    struct Direction {
        const schedule::Tensor* tensor;
        std::vector<float> origin;
        std::vector<float> along; ///< of length 1
    };

    /// For each parameter the one in which its gradient says that the loss rises fastest, and a random one.
    void find_directions() {
        std::mt19937_64 engine(1);
        std::normal_distribution<float> normal;
        for (const schedule::Tensor& tensor : schedule_.tensors) {
            if (tensor.kind != schedule::TensorKind::parameter) continue;
            const std::vector<float> gradient = read_tensor(*chip, *schedule_.find("grad." + tensor.name));
            std::vector<float> random(gradient.size());
            for (float& value : random)
                value = normal(engine);
            add_direction(tensor, gradient, gradient);
            add_direction(tensor, gradient, random);
        }
    }

    void add_direction(const schedule::Tensor& tensor, const std::vector<float>& gradient, std::vector<float> along) {
        double norm = 0;
        for (const float value : along)
            norm += static_cast<double>(value) * static_cast<double>(value);
        Slope slope{tensor.name, 0, 0, 0};
        for (std::size_t i = 0; i < along.size(); ++i) {
            along[i] /= static_cast<float>(std::sqrt(norm));
            slope.by_gradient += static_cast<double>(gradient[i]) * static_cast<double>(along[i]);
        }
        slopes.push_back(slope);
        directions_.push_back({&tensor, read_tensor(*chip, tensor), std::move(along)});
    }

    /// Moves the parameter of the direction that step `step` + 1 probes.
    void set(std::uint32_t step, float distance) {
        if (step / 2 >= directions_.size()) return;
        const Direction& direction = directions_[step / 2];
        std::vector<float> moved = direction.origin;
        for (std::size_t i = 0; i < moved.size(); ++i)
            moved[i] += distance * direction.along[i];
        write_tensor(*chip, *direction.tensor, moved);
    }

    const schedule::Schedule& schedule_;
    std::vector<Direction> directions_;
};

TEST(Operators, GradientsAreTheSlopesOfTheChipsOwnLoss) {
    const TemporaryFolder folder;
    std::ofstream(folder.path("text")) << "gradus\n"; // one document: every step sees the same tokens
    scenario::Scenario scenario = shipped_scenario(
        "names", {"run.text=" + folder.path("text"), "run.generate=0", "run.learning_rate=0", "model.width=8",
                  "model.heads=2", "model.context=6", "model.mlp_width=12", "model.activation=gelu", "model.bias=true",
                  "model.norm_gain=true", "model.final_norm=true", "model.init_std=0.4"});
    const schedule::Schedule schedule = ChipRun(scenario).schedule;
    const auto parameters =
        std::count_if(schedule.tensors.begin(), schedule.tensors.end(),
                      [](const schedule::Tensor& tensor) { return tensor.kind == schedule::TensorKind::parameter; });
    scenario.run.steps = 1 + 4 * static_cast<unsigned>(parameters); // two directions each, forwards and backwards
    const ChipRun run(scenario);
    SlopeProbe probe(run.schedule);
    const chip::Outcome outcome = run.simulate([&](chip::VirtualChip& chip) { probe.chip = &chip; }, {}, &probe);
    EXPECT_FALSE(outcome.failure) << *outcome.failure;
    ASSERT_EQ(outcome.result.steps.size(), scenario.run.steps);
    ASSERT_EQ(probe.slopes.size(), 2 * static_cast<std::size_t>(parameters));
    for (const SlopeProbe::Slope& slope : probe.slopes) {
        const double measured = (slope.above - slope.below) / (2 * static_cast<double>(SlopeProbe::width));
        // A loss of about 3 is exact to 3e-7, its slope over 1/32 to 1e-5; the rest is the curve's third derivative.
        EXPECT_NEAR(slope.by_gradient, measured, 1e-4 + 2e-3 * std::abs(slope.by_gradient)) << slope.tensor;
    }
}

} // namespace
} // namespace gradus::test::operators_test
