// SPDX-License-Identifier: Apache-2.0
// Activations that are computed again: the same numbers from fewer bytes.
#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ip/common/command.h"
#include "platform/schedule/recompute.h"
#include "platform/schedule/schedule.h"
#include "tests/support/interpreted_model.h"
#include "tests/support/random_models.h"

namespace gradus::schedule::schedule_recompute_test {
namespace {

using scenario::Recompute;

/// What the model's first steps leave: losses, and then every parameter. An activation that is a part of its product
/// sees what no memory has rounded; the same one that runs again does not.
std::vector<double> numbers_of(test::RandomModel random, Recompute recompute) {
    random.model.recompute = recompute;
    random.model.epilogues = scenario::Form::plain;
    const Schedule schedule = build(random.model, random.run, test::small_dram);
    test::ImageInterpreter chip =
        test::interpreted(schedule, random.model, random.run.seed, test::ImageInterpreter::Storage::fp32);
    std::vector<double> numbers;
    for (std::uint32_t step = 0; step < 3; ++step)
        numbers.push_back(chip.run_step(step));
    for (const Tensor& tensor : schedule.tensors) {
        if (tensor.kind != TensorKind::parameter) continue;
        const std::vector<double> values = chip.read(tensor.address, tensor.rows * tensor.cols);
        numbers.insert(numbers.end(), values.begin(), values.end());
    }
    return numbers;
}

class RecomputationOfRandomModel : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RecomputationOfRandomModel, ChangesNoBit) {
    const std::uint64_t seed = GetParam();
    test::RandomModel random = test::random_model(seed);
    if (seed % 3 == 0) random.model.precision = scenario::Precision::mixed;
    SCOPED_TRACE(testing::Message() << "seed " << seed << ": " << random.describe());
    const std::vector<double> kept = numbers_of(random, Recompute::none);
    EXPECT_EQ(numbers_of(random, Recompute::selective), kept);
    EXPECT_EQ(numbers_of(random, Recompute::full), kept);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RecomputationOfRandomModel, testing::Range<std::uint64_t>(1, 31));

constexpr ip::AddressRange large{0x80000000u, std::uint64_t{64} << 30};

/// Six layers of 64 wide heads and 512 tokens.
scenario::ModelParameters a_model(Recompute recompute) {
    scenario::ModelParameters model;
    model.layers = 6;
    model.width = 128;
    model.heads = 2;
    model.context = 512;
    model.mlp_width = 512;
    model.recompute = recompute;
    return model;
}

std::uint64_t peak_of(const scenario::ModelParameters& model) {
    const Schedule schedule = build(model, {}, large);
    return *std::max_element(schedule.activation_bytes.begin(), schedule.activation_bytes.end());
}

std::set<std::string> kinds_again(const scenario::ModelParameters& model) {
    std::set<std::string> kinds;
    for (const Op& op : build(model, {}, large).ops)
        if (op.again) kinds.insert(op.kind);
    return kinds;
}

std::uint64_t macs_of(const scenario::ModelParameters& model) {
    std::uint64_t macs = 0;
    for (const Op& op : build(model, {}, large).ops)
        macs += op.macs;
    return macs;
}

TEST(Recomputation, InPartRepeatsWhatIsLargeAndCheap) {
    using testing::UnorderedElementsAre;
    scenario::ModelParameters model = a_model(Recompute::selective);
    EXPECT_THAT(kinds_again(model), UnorderedElementsAre("rmsnorm", "activation", "matmul", "softmax"))
        << "scores are larger than queries and keys";
    model.context = 128;
    EXPECT_THAT(kinds_again(model), UnorderedElementsAre("rmsnorm", "activation")) << "scores are not";
    model.context = 512;
    model.attention = scenario::Form::fused;
    model.gated_mlp = true;
    EXPECT_THAT(kinds_again(model), UnorderedElementsAre("rmsnorm", "activation", "mul"));
}

// To turn queries again, what they were before would have to be kept in their place; repeated keys are larger than
// what they are repeated from.
TEST(Recomputation, InPartSavesMoreThanItKeepsInstead) {
    scenario::ModelParameters model = a_model(Recompute::selective);
    model.positions = scenario::Positions::rope;
    EXPECT_EQ(kinds_again(model).count("rope"), 0u);
    model.qk_norm = scenario::QkNorm::before_rope;
    EXPECT_EQ(kinds_again(model).count("rope"), 1u) << "the norm's backward pass reads what it came from";
    model.kv_heads = 1;
    model.qk_norm = scenario::QkNorm::none;
    EXPECT_EQ(kinds_again(model).count("repeat"), 1u);
}

TEST(Recomputation, TakesLessMemoryAndMoreWorkTheMoreIsComputedAgain) {
    for (const auto attention : {scenario::Form::plain, scenario::Form::fused}) {
        std::vector<std::uint64_t> peaks, macs;
        for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
            scenario::ModelParameters model = a_model(recompute);
            model.attention = attention;
            peaks.push_back(peak_of(model));
            macs.push_back(macs_of(model));
        }
        EXPECT_LT(peaks[1], peaks[0] * 8 / 10);
        EXPECT_LT(peaks[2], peaks[1] * 8 / 10);
        EXPECT_LE(macs[0], macs[1]);
        EXPECT_LT(macs[1], macs[2]);
    }
}

// Of a layer, its first value alone lies there until the backward pass comes back to it.
TEST(Recomputation, WholeKeepsTheResidualStreamBetweenLayers) {
    const auto growth = [](Recompute recompute) {
        scenario::ModelParameters model = a_model(recompute);
        const std::uint64_t six = peak_of(model);
        model.layers = 5;
        return six - peak_of(model);
    };
    EXPECT_EQ(growth(Recompute::full), 512u * 128 * 4);
    EXPECT_GT(growth(Recompute::none), 20 * growth(Recompute::full));
}

// A layer's last product goes to the residual stream, which is kept.
TEST(Recomputation, RepeatsNothingThatTheBackwardPassDoesNotRead) {
    const Schedule schedule = build(a_model(Recompute::full), {}, large);
    for (const Op& op : schedule.ops) {
        if (!op.again) continue;
        EXPECT_EQ(op.image.phase, COMMAND_PHASE_BACKWARD) << op.name;
        EXPECT_THAT(op.name, testing::EndsWith(".again"));
        EXPECT_EQ(op.name.find("mlp.down"), std::string::npos);
        EXPECT_EQ(op.name.find("mlp.residual"), std::string::npos);
    }
    EXPECT_NE(schedule.find("layer3.attention.query.out.again"), nullptr);
}

std::uint64_t taken(const scenario::ModelParameters& model) {
    const Schedule schedule = build(model, {}, large);
    std::uint64_t end = 0;
    for (const Tensor& tensor : schedule.tensors)
        end = std::max(end, tensor.address + tensor.bytes());
    return end - large.base;
}

// From what all layers whole take up to what it takes to keep everything.
TEST(Recomputation, AsMuchAsMakesItFitIsTheFirstChoiceThatDoes) {
    const std::uint64_t most = taken(a_model(Recompute::none)) + 256, least = taken(a_model(Recompute::full)) + 256;
    unsigned last = 0;
    for (unsigned percent = 100; percent <= 100; percent -= 5) {
        const std::uint64_t bytes = least + (most - least) * percent / 100;
        const Schedule schedule = build(a_model(Recompute::fit), {}, {large.base, bytes});
        unsigned chosen = 0;
        while (recomputed_layers(6, chosen).whole != schedule.recomputed.whole ||
               recomputed_layers(6, chosen).in_part != schedule.recomputed.in_part)
            ++chosen;
        EXPECT_GE(chosen, last) << percent;
        last = chosen;
        if (percent == 100) {
            EXPECT_EQ(chosen, 0u);
        }
    }
    EXPECT_GT(last, 6u);
    EXPECT_THROW(build(a_model(Recompute::fit), {}, {large.base, least / 2}), ScheduleError);
}

TEST(Recomputation, IsDescribedByLayers) {
    EXPECT_EQ(described(RecomputedLayers{}), "");
    EXPECT_EQ(described(RecomputedLayers{0, 1}), "layer 0 in part");
    EXPECT_EQ(described(RecomputedLayers{2, 2}), "layers 0 to 1 whole");
    EXPECT_EQ(described(RecomputedLayers{1, 4}), "layers 0 whole, 1 to 3 in part");
}

} // namespace
} // namespace gradus::schedule::schedule_recompute_test
