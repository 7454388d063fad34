// SPDX-License-Identifier: Apache-2.0
// sanitized
// gradus run --check inside a test's own process: random models on chips that tile them differently pass, and of a chip
// that makes one number wrong the operator, the element, its tile and the command that wrote it are named.
#include <cstring>
#include <functional>
#include <limits>
#include <optional>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ip/dma/dma_command.h"
#include "platform/verify/operator_check.h"
#include "tests/support/random_runs.h"

namespace gradus::test::operator_check_test {
namespace {

using ::testing::HasSubstr;

chip::Outcome simulate(const ChipRun& run, chip::RunCheck& check, const ChipAccess& before_start = {}) {
    chip::Inputs inputs{run.scenario, run.schedule, firmware_path("train")};
    inputs.before_start = before_start;
    inputs.check = &check;
    return chip::simulate(inputs);
}

class CheckOfRandomModels : public ::testing::TestWithParam<std::tuple<std::size_t, std::uint64_t>> {};

TEST_P(CheckOfRandomModels, FindsNothingWrong) {
    const ChipVariant& variant = chip_variants()[std::get<0>(GetParam())];
    const std::uint64_t seed = std::get<1>(GetParam());
    scenario::Scenario scenario = random_scenario(seed, variant);
    scenario.run.record_commands = seed % 2 == 0;
    scenario.run.generate = seed % 3 == 0 && scenario.model.head == scenario::Form::plain &&
                                    scenario.model.objective == scenario::Objective::next_token
                                ? 1
                                : 0;
    const ChipRun run(scenario);
    SCOPED_TRACE(::testing::Message() << "seed " << seed << ": " << random_model(seed).describe());
    verify::OperatorCheck check(run.scenario.chip, run.schedule);
    const chip::Outcome outcome = simulate(run, check, [&](chip::VirtualChip& chip) {
        fill_scratchpad_with_nan(chip, run.scenario.chip);
        std::mt19937_64 engine(seed);
        for (const schedule::Tensor& tensor : run.schedule.tensors)
            write_tensor(chip, tensor, initial_content(tensor, engine));
    });
    EXPECT_FALSE(outcome.failure) << *outcome.failure;
    EXPECT_EQ(outcome.result.exit_code, 0);
    ASSERT_TRUE(outcome.result.check);
    EXPECT_EQ(outcome.result.check->operators, run.schedule.ops.size() * run.scenario.run.steps);
    EXPECT_GT(outcome.result.check->elements, run.schedule.ops.size());
    EXPECT_GT(outcome.result.check->worst, 0);
    EXPECT_LE(outcome.result.check->worst, 1);
    EXPECT_FALSE(outcome.result.check->first_not_finite) << *outcome.result.check->first_not_finite;
}

INSTANTIATE_TEST_SUITE_P(Chips, CheckOfRandomModels,
                         ::testing::Combine(::testing::Range<std::size_t>(0, chip_variants().size()),
                                            ::testing::Range<std::uint64_t>(1, 11)),
                         [](const auto& info) {
                             return std::string(chip_variants()[std::get<0>(info.param)].name) + "Seed" +
                                    std::to_string(std::get<1>(info.param));
                         });

/// A chip on which a command makes a number wrong that it writes into the DRAM, in front of a check.
class SpoiledChip : public chip::RunCheck {
public:
    /// Changes the element at `address`, which `written` wrote, before anybody else sees it.
    using Spoil = std::function<void(chip::VirtualChip& chip, std::uint64_t address)>;
    struct Fault {
        std::uint32_t op = 0;
        std::uint32_t step = 0;
        const schedule::Tensor& tensor; ///< of fp32; the first command of the operator that writes into it
    };
    SpoiledChip(const ChipRun& run, const Fault& fault, std::uint64_t seed, Spoil spoil)
        : run_(run), fault_(fault), spoil_(std::move(spoil)), engine_(seed), check_(run.scenario.chip, run.schedule) {}

    struct Spoiled {
        unsigned channel = 0;
        std::uint32_t index = 0;
        std::uint64_t address = 0;
        dma_body body{};
    };
    std::optional<Spoiled> spoiled;

    void begin(chip::VirtualChip& chip) override {
        chip_ = &chip;
        check_.begin(chip);
    }
    void executed(ip::UnitId queue, std::uint32_t index, const ip::Tag& tag, const command& descriptor) override {
        if (!spoiled && queue < run_.scenario.chip.dma.channels && tag.op == fault_.op && tag.step == fault_.step)
            spoil(queue, index, descriptor);
        check_.executed(queue, index, tag, descriptor);
    }
    std::optional<std::string> step_done(std::uint32_t step) override { return check_.step_done(step); }
    observe::CheckTotals totals() const override { return check_.totals(); }
    void validated() override { check_.validated(); }

private:
    void spoil(unsigned queue, std::uint32_t index, const command& descriptor) {
        dma_body body;
        std::memcpy(&body, descriptor.body, sizeof body);
        if (body.dst - fault_.tensor.address >= fault_.tensor.bytes()) return;
        const std::uint64_t row = engine_() % body.rows, col = engine_() % body.cols;
        spoiled = Spoiled{queue, index, body.dst + row * body.dst_pitch + col * sizeof(float), body};
        spoil_(*chip_, spoiled->address);
    }

    const ChipRun& run_;
    const Fault fault_;
    const Spoil spoil_;
    std::mt19937_64 engine_;
    chip::VirtualChip* chip_ = nullptr;
    verify::OperatorCheck check_;
};

SpoiledChip::Spoil becomes(float value) {
    return
        [value](chip::VirtualChip& chip, std::uint64_t address) { chip.write_memory(address, &value, sizeof value); };
}

std::uint32_t operator_named(const schedule::Schedule& schedule, const std::string& name, std::uint8_t phase) {
    for (std::uint32_t op = 0; op < schedule.ops.size(); ++op)
        if (schedule.ops[op].name == name && schedule.ops[op].image.phase == phase) return op;
    throw std::invalid_argument("no operator " + name);
}

scenario::Scenario two_steps(const std::vector<std::string>& settings = {}) {
    std::vector<std::string> all{"run.steps=2", "run.generate=0"};
    all.insert(all.end(), settings.begin(), settings.end());
    return shipped_scenario("names", all);
}

struct SpoiledOperator {
    const char* label;
    const char* name;
    std::uint8_t phase;
    const char* tensor;
    std::uint32_t step;
    const char* setting;
};

class SpoiledNumber : public ::testing::TestWithParam<SpoiledOperator> {};

/// "rows 0-15, columns 64-127" of a tensor: from the first to the last element that a command writes.
std::string tile_text(const schedule::Tensor& tensor, const dma_body& body) {
    const auto text = [](const char* what, std::uint64_t first, std::uint64_t last) {
        return first == last ? what + (" " + std::to_string(first))
                             : what + ("s " + std::to_string(first)) + "-" + std::to_string(last);
    };
    const std::uint64_t first = (body.dst - tensor.address) / sizeof(float);
    const std::uint64_t last = first + (body.rows - 1) * (body.dst_pitch / sizeof(float)) + body.cols - 1;
    const bool goes_on =
        first % tensor.cols + body.cols > tensor.cols; // a row of the command is several of the tensor's
    return text("row", first / tensor.cols, last / tensor.cols) + ", " +
           text("column", goes_on ? 0 : first % tensor.cols, goes_on ? tensor.cols - 1 : last % tensor.cols);
}

TEST_P(SpoiledNumber, IsNamedWithItsTileAndTheCommandThatWroteIt) {
    const SpoiledOperator& of = GetParam();
    const std::uint64_t seed = std::random_device()();
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    const ChipRun run(two_steps({of.setting}));
    const std::uint32_t op = operator_named(run.schedule, of.name, of.phase);
    const schedule::Tensor& tensor = *run.schedule.find(of.tensor);
    SpoiledChip check(run, {op, of.step, tensor}, seed, becomes(1000));
    const chip::Outcome outcome = simulate(run, check);
    ASSERT_TRUE(check.spoiled);
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure, outcome.result.check->failure);
    EXPECT_EQ(outcome.result.steps.size(), of.step + 1) << "it ends with the step";
    EXPECT_EQ(outcome.result.check->operators, of.step * run.schedule.ops.size() + op + 1);
    const SpoiledChip::Spoiled& spoiled = *check.spoiled;
    const std::uint64_t element = (spoiled.address - tensor.address) / sizeof(float);
    const std::string& failure = *outcome.failure;
    EXPECT_THAT(failure, HasSubstr(std::string(of.name) + " in step " + std::to_string(of.step) + " ("));
    EXPECT_THAT(failure, HasSubstr(", operator " + std::to_string(op) + ") is the first operator"));
    EXPECT_THAT(failure, HasSubstr("element [" + std::to_string(element / tensor.cols) + ", " +
                                   std::to_string(element % tensor.cols) + "] of " + of.tensor + " is 1000, "));
    EXPECT_THAT(failure, HasSubstr(" at most. 1 of its ")) << "no other element is wrong";
    EXPECT_THAT(failure, HasSubstr(" of dma" + std::to_string(spoiled.channel) + " (copy " +
                                   std::to_string(spoiled.body.rows) + "x" + std::to_string(spoiled.body.cols) + ", "));
    if (of.step == 0) {
        EXPECT_THAT(failure, HasSubstr("by command " + std::to_string(spoiled.index) + " of dma"));
    }
    EXPECT_THAT(failure, HasSubstr("whose tile is " + tile_text(tensor, spoiled.body) + "."));
}

INSTANTIATE_TEST_SUITE_P(Operators, SpoiledNumber,
                         ::testing::Values(SpoiledOperator{"Product", "layer0.mlp.up", COMMAND_PHASE_FORWARD,
                                                           "layer0.mlp.up.out", 0, "model.context=40"},
                                           SpoiledOperator{"Norm", "layer0.mlp.norm", COMMAND_PHASE_FORWARD,
                                                           "layer0.mlp.norm.out", 1, "run.batch=2"},
                                           SpoiledOperator{"Gradient", "layer0.mlp.up.weight", COMMAND_PHASE_BACKWARD,
                                                           "grad.layer0.mlp.up", 0, "run.record_commands=false"},
                                           SpoiledOperator{"Update", "layer0.mlp.up", COMMAND_PHASE_UPDATE,
                                                           "layer0.mlp.up", 1, "run.clip=1"}),
                         [](const auto& info) { return std::string(info.param.label); });

struct SpoiledRun {
    explicit SpoiledRun(SpoiledChip::Spoil spoil)
        : run(two_steps()), check(run,
                                  {operator_named(run.schedule, "layer0.mlp.up", COMMAND_PHASE_FORWARD), 0,
                                   *run.schedule.find("layer0.mlp.up.out")},
                                  1, std::move(spoil)) {}

    ChipRun run;
    SpoiledChip check;
};

// What is no number is beyond every bound.
TEST(SpoiledNumbers, NoNumberWhereOneShouldBeIsWrong) {
    SpoiledRun spoiled(becomes(std::numeric_limits<float>::quiet_NaN()));
    const chip::Outcome outcome = simulate(spoiled.run, spoiled.check);
    ASSERT_TRUE(outcome.failure);
    EXPECT_THAT(*outcome.failure, HasSubstr("forward layer0.mlp.up in step 0"));
    EXPECT_THAT(*outcome.failure, HasSubstr(" is nan, "));
    EXPECT_THAT(outcome.result.check->first_not_finite.value_or(""), HasSubstr("forward layer0.mlp.up in step 0"));
}

TEST(SpoiledNumbers, WhatRoundingExplainsIsNotWrong) {
    SpoiledRun spoiled([](chip::VirtualChip& chip, std::uint64_t address) {
        std::uint32_t bits = 0;
        chip.read_memory(address, &bits, sizeof bits);
        bits ^= 1;
        chip.write_memory(address, &bits, sizeof bits);
    });
    const chip::Outcome outcome = simulate(spoiled.run, spoiled.check);
    EXPECT_TRUE(spoiled.check.spoiled);
    EXPECT_FALSE(outcome.failure) << *outcome.failure;
}

// As if the load had come before the store it waits for: the operator read something else than what was stored.
TEST(SpoiledNumbers, AnOperatorThatReadsWhatIsNotThereYetIsNamed) {
    const ChipRun run(two_steps());
    class LateStore : public verify::OperatorCheck {
    public:
        explicit LateStore(const ChipRun& run) : OperatorCheck(run.scenario.chip, run.schedule), run_(run) {}
        void begin(chip::VirtualChip& chip) override {
            chip_ = &chip;
            OperatorCheck::begin(chip);
        }
        void executed(ip::UnitId queue, std::uint32_t index, const ip::Tag& tag, const command& descriptor) override {
            OperatorCheck::executed(queue, index, tag, descriptor);
            const schedule::Tensor& tensor = *run_.schedule.find("layer0.mlp.up.out");
            dma_body body;
            std::memcpy(&body, descriptor.body, sizeof body);
            if (queue > 1 || body.dst - tensor.address >= tensor.bytes()) return;
            const float old = 0.75F;
            chip_->write_memory(body.dst, &old, sizeof old);
        }

    private:
        const ChipRun& run_;
        chip::VirtualChip* chip_ = nullptr;
    };
    LateStore check(run);
    const chip::Outcome outcome = simulate(run, check);
    ASSERT_TRUE(outcome.failure);
    EXPECT_THAT(*outcome.failure, HasSubstr("forward layer0.mlp.activation in step 0"));
    EXPECT_THAT(*outcome.failure, HasSubstr("of layer0.mlp.activation.out is 0.75, in double precision "));
}

// Nobody has changed what the operator itself wrote; one of its commands wrote something else, too.
TEST(SpoiledNumbers, ACommandThatWritesOutsideOfItsOperatorIsNamed) {
    const ChipRun run(two_steps());
    class StrayCommand : public verify::OperatorCheck {
    public:
        explicit StrayCommand(const ChipRun& run) : OperatorCheck(run.scenario.chip, run.schedule), run_(run) {}
        void executed(ip::UnitId queue, std::uint32_t index, const ip::Tag& tag, const command& descriptor) override {
            OperatorCheck::executed(queue, index, tag, descriptor);
            dma_body body;
            std::memcpy(&body, descriptor.body, sizeof body);
            if (tag.op != 12 || queue > 1 || !chip::dram_range(run_.scenario.chip).contains(body.dst, 1)) return;
            command stray = descriptor;
            body.dst = run_.schedule.find("layer0.mlp.down")->address;
            std::memcpy(stray.body, &body, sizeof body);
            OperatorCheck::executed(queue, index, tag, stray);
        }

    private:
        const ChipRun& run_;
    };
    StrayCommand check(run);
    const chip::Outcome outcome = simulate(run, check);
    ASSERT_TRUE(outcome.failure);
    EXPECT_THAT(*outcome.failure, HasSubstr(run.schedule.ops[12].name + " in step 0"));
    EXPECT_THAT(*outcome.failure, HasSubstr("writes where it has no result: command "));
}

} // namespace
} // namespace gradus::test::operator_check_test
