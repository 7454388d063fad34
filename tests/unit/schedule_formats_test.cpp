// SPDX-License-Identifier: Apache-2.0
// Which tensors of a schedule lie in DRAM in bf16, and what that leaves of its bytes.
#include <algorithm>

#include <gtest/gtest.h>

#include "platform/schedule/schedule.h"
#include "tests/support/random_models.h"

namespace gradus::schedule_formats_test {
namespace {

using scenario::Precision;
using scenario::StoredFormat;
using schedule::Schedule;
using schedule::Tensor;
using schedule::TensorKind;

struct Model {
    Model() {
        model.bias = model.norm_gain = model.tied_head = true;
        model.precision = Precision::mixed;
        run.steps = 1;
    }
    Schedule build() const { return schedule::build(model, run, test::small_dram); }

    scenario::ModelParameters model;
    scenario::RunParameters run;
};

bool is_bf16(const Schedule& schedule, const std::string& name) {
    const Tensor* tensor = schedule.find(name);
    if (!tensor) throw std::invalid_argument("no tensor " + name);
    return tensor->format == FORMAT_BF16;
}

TEST(Formats, OfAModelInFp32AreAllFp32) {
    Model fp32;
    fp32.model.precision = Precision::fp32;
    const Schedule schedule = fp32.build();
    for (const Tensor& tensor : schedule.tensors) {
        EXPECT_EQ(tensor.format, FORMAT_FP32) << tensor.name;
        EXPECT_NE(tensor.kind, TensorKind::weight) << tensor.name;
    }
}

TEST(Formats, OfMixedPrecisionAreBf16ForMatricesButNotForTheOptimizersOwn) {
    const Schedule schedule = Model().build();
    for (const char* name : {"bf16.layer0.mlp.up", "bf16.embedding.token", "layer0.mlp.up.out",
                             "layer0.attention.scores.out", "grad.layer0.mlp.up", "grad.layer0.mlp.up.out"})
        EXPECT_TRUE(is_bf16(schedule, name)) << name;
    for (const char* name :
         {"layer0.mlp.up", "m.layer0.mlp.up", "v.layer0.mlp.up", "layer0.mlp.up.bias", "grad.layer0.mlp.up.bias",
          "layer0.mlp.norm.rstd", "loss", "loss.probabilities", "head.out", "grad.embedding.token"})
        EXPECT_FALSE(is_bf16(schedule, name)) << name;
}

TEST(Formats, OfEachClassCanBeChosen) {
    Model chosen;
    chosen.model.precision = Precision::fp32;
    chosen.model.formats.activations = StoredFormat::bf16;
    chosen.model.formats.moments = scenario::Format::bf16;
    const Schedule some = chosen.build();
    EXPECT_TRUE(is_bf16(some, "layer0.mlp.up.out"));
    EXPECT_TRUE(is_bf16(some, "m.layer0.mlp.up"));
    EXPECT_FALSE(is_bf16(some, "grad.layer0.mlp.up.out"));
    EXPECT_EQ(some.find("bf16.layer0.mlp.up"), nullptr);

    chosen.model.precision = Precision::mixed;
    chosen.model.formats.activations = StoredFormat::fp32;
    const Schedule others = chosen.build();
    EXPECT_FALSE(is_bf16(others, "layer0.mlp.up.out"));
    EXPECT_TRUE(is_bf16(others, "grad.layer0.mlp.up.out"));
    EXPECT_TRUE(is_bf16(others, "bf16.layer0.mlp.up"));
}

TEST(Formats, ReachOperandsWithTheirPitchesAndStrides) {
    const Schedule wide = [] {
        Model model;
        model.model.precision = Precision::fp32;
        return model.build();
    }();
    const Schedule narrow = Model().build();
    const auto scores = [](const Schedule& schedule) {
        return *std::find_if(schedule.ops.begin(), schedule.ops.end(),
                             [](const schedule::Op& op) { return op.name == "layer0.attention.scores"; });
    };
    const schedule::Op before = scores(wide), after = scores(narrow);
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_EQ(after.operands[i].format, FORMAT_BF16);
        EXPECT_EQ(after.operands[i].pitch * 2, before.operands[i].pitch);
        EXPECT_EQ(after.operands[i].outer_stride * 2, before.operands[i].outer_stride);
        EXPECT_EQ(after.operands[i].inner_stride * 2, before.operands[i].inner_stride);
    }
    EXPECT_GT(before.operands[0].inner_stride, 0u);
    EXPECT_EQ(after.bytes_read * 2, before.bytes_read);
    EXPECT_EQ(after.bytes_written * 2, before.bytes_written);
}

TEST(Formats, OfAWeightBeginWithTheParameterRounded) {
    const Schedule schedule = Model().build();
    const Tensor &parameter = *schedule.find("layer0.mlp.up"), &weight = *schedule.find("bf16.layer0.mlp.up");
    const std::vector<float> values = schedule::initial_values(parameter, Model().model, 1);
    ASSERT_EQ(values.size(), parameter.rows * parameter.cols);
    EXPECT_EQ(schedule::initial_values(weight, Model().model, 1), values);
    EXPECT_EQ(schedule::stored(parameter, values).size(), values.size() * 4);
    EXPECT_EQ(schedule::stored(weight, {1.0F, -2.0F}), (std::vector<std::uint8_t>{0x80, 0x3f, 0x00, 0xc0}));
}

} // namespace
} // namespace gradus::schedule_formats_test
