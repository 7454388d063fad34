// SPDX-License-Identifier: Apache-2.0
// Small models in published layouts (tests/reference/weights_reference.py): loaded, each has the loss that PyTorch
// computes from the published tensors; saved and loaded again, its parameters are the same.
#include <fstream>
#include <memory>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform/scenario/load.h"
#include "platform/weights/checkpoint.h"
#include "tests/support/image_interpreter.h"
#include "tests/support/random_models.h"
#include "tests/support/temporary_folder.h"

namespace gradus::weights::weights_reference_test {
namespace {

using nlohmann::json;

const json& golden() {
    static const json content = [] {
        std::ifstream file("tests/reference/weights/golden.json");
        return file ? json::parse(file) : json::object();
    }();
    return content;
}

std::string file_of(const std::string& name) { return "tests/reference/weights/" + name + ".safetensors"; }

scenario::Scenario scenario_of(const std::string& name, const std::vector<std::string>& more = {}) {
    std::vector<std::string> overrides = {"run.text=synthetic", "run.batch=" + golden().at("batch").dump(),
                                          "run.steps=9"};
    const json keys = golden().at("models").at(name).at("keys");
    for (const auto& [key, value] : keys.items())
        overrides.push_back("model." + key + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
    overrides.insert(overrides.end(), more.begin(), more.end());
    const test::TemporaryFolder folder;
    std::ofstream(folder.path("empty.toml")) << "model.vocabulary = 2\nrun.text = \"synthetic\"\n";
    return scenario::load(folder.path("empty.toml"), overrides);
}

struct Loaded {
    explicit Loaded(const std::string& path, const scenario::Scenario& of)
        : scenario(of), schedule(schedule::build(of.model, of.run, test::small_dram)), source(path),
          weights(source, scenario, schedule) {}

    scenario::Scenario scenario;
    schedule::Schedule schedule;
    Source source;
    LoadedWeights weights;
};

double loss_of(Loaded& model) {
    std::uint64_t end = 0;
    for (const schedule::Tensor& tensor : model.schedule.tensors)
        end = std::max(end, tensor.address + tensor.bytes());
    const std::uint64_t begin = model.schedule.image_range.end();
    test::ImageInterpreter chip(model.schedule.image, model.schedule.image_range.base, {begin, end - begin},
                                test::ImageInterpreter::Storage::fp32);
    for (const schedule::Tensor& tensor : model.schedule.tensors)
        chip.write(tensor.address, model.weights.values(tensor), tensor.format);
    return chip.run_forward(0);
}

std::vector<std::string> names() {
    std::vector<std::string> names;
    const json models = golden().value("models", json::object());
    for (const auto& [name, value] : models.items())
        names.push_back(name);
    return names;
}

TEST(Weights, HaveReferences) { EXPECT_EQ(names().size(), 3u) << "run in the source folder"; }

class WeightsReference : public testing::TestWithParam<std::string> {};

TEST_P(WeightsReference, HasTheLossOfPyTorch) {
    Loaded model(file_of(GetParam()), scenario_of(GetParam()));
    ASSERT_NE(model.weights.binding().naming, nullptr);
    EXPECT_EQ(model.weights.binding().naming->family, GetParam());
    const double expected = golden().at("models").at(GetParam()).at("loss").get<double>();
    EXPECT_NEAR(loss_of(model), expected, 1e-5 * expected);
}

// Saved by the names of the file it came from, although Phi-3's parameters could have those of Llama, too.
TEST_P(WeightsReference, IsTheSameWhenItIsSavedAndLoadedAgain) {
    Loaded model(file_of(GetParam()), scenario_of(GetParam()));
    const test::TemporaryFolder folder;
    std::ostringstream file;
    save(
        model.weights.binding(), model.scenario.run, model.schedule, 7,
        [&](const schedule::Tensor& tensor) {
            return tensor.kind == schedule::TensorKind::moment
                       ? std::vector<float>(tensor.rows * tensor.cols, tensor.name[0] == 'm' ? -0.25F : 0.5F)
                       : model.weights.values(tensor);
        },
        [&](std::string_view bytes) { file << bytes; });
    std::ofstream(folder.path("saved")) << file.str();
    Loaded again(folder.path("saved"), model.scenario);
    EXPECT_EQ(steps_done(again.source, model.scenario.run), 7u);
    EXPECT_EQ(again.weights.binding().naming, model.weights.binding().naming);
    for (const schedule::Tensor& tensor : model.schedule.tensors) {
        if (tensor.kind == schedule::TensorKind::parameter) {
            EXPECT_EQ(again.weights.values(tensor), model.weights.values(tensor)) << tensor.name;
        } else if (tensor.kind == schedule::TensorKind::moment) {
            EXPECT_THAT(again.weights.values(tensor), testing::Each(tensor.name[0] == 'm' ? -0.25F : 0.5F))
                << tensor.name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Published, WeightsReference, testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });

std::string refusal(const std::string& name, const std::vector<std::string>& more) {
    try {
        const Loaded model(file_of(name), scenario_of(name, more));
    } catch (const WeightsError& error) {
        return error.what();
    }
    return "";
}

TEST(Weights, OfAnotherModelAreRefusedByTheTensorThatDiffers) {
    using testing::HasSubstr;
    EXPECT_EQ(refusal("gpt2", {}), "");
    EXPECT_EQ(refusal("gpt2", {"model.context=5"}), "") << "positions that are not needed are left out";
    EXPECT_EQ(refusal("gpt2", {"model.context=10"}), "") << "as many as the file has";
    EXPECT_THAT(refusal("gpt2", {"model.context=11"}),
                HasSubstr("tensor 'wpe.weight' is [10, 12], and the model wants [11, 12]"));
    EXPECT_THAT(refusal("gpt2", {"model.vocabulary=14"}), HasSubstr("tensor 'wte.weight' is [13, 12]"));
    EXPECT_THAT(refusal("gpt2", {"model.mlp_width=19"}),
                HasSubstr("tensor 'h.0.mlp.c_fc.weight' is [12, 20], and the model wants [12, 19] (layer0.mlp.up)"));
    EXPECT_THAT(refusal("gpt2", {"model.layers=3"}), HasSubstr("lacks tensor 'h.2.ln_1.weight'"));
    EXPECT_THAT(refusal("gpt2", {"model.layers=1"}), HasSubstr("holds tensor 'h.1."));
    EXPECT_THAT(refusal("gpt2", {"model.tied_head=false"}), HasSubstr("lacks tensor 'lm_head.weight'"));
    EXPECT_THAT(refusal("llama", {"model.tied_head=true"}),
                HasSubstr("tensor 'lm_head.weight' is another one than 'model.embed_tokens.weight'"));
    EXPECT_THAT(refusal("llama", {"model.qkv_bias=true"}),
                HasSubstr("lacks tensor 'model.layers.0.self_attn.q_proj.bias'"));
    EXPECT_THAT(refusal("phi3", {"model.kv_heads=4"}), HasSubstr("is [32, 12], and the model wants [48, 12]"));
}

} // namespace
} // namespace gradus::weights::weights_reference_test
