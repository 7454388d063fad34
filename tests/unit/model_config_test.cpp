// SPDX-License-Identifier: Apache-2.0
// The config.json of published models: what becomes of it, and how many parameters the model then has. Values of fields
// are those of the models' pages on huggingface.co, counts those that their authors state.
#include <filesystem>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform/scenario/load.h"
#include "platform/scenario/model_config.h"
#include "platform/schedule/forward.h"
#include "tests/support/temporary_folder.h"

namespace gradus::model_config_test {
namespace {

using nlohmann::json;
using scenario::ModelParameters;
using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;

json gpt2() {
    return {{"model_type", "gpt2"},
            {"architectures", {"GPT2LMHeadModel"}},
            {"n_layer", 12},
            {"n_embd", 768},
            {"n_head", 12},
            {"n_positions", 1024},
            {"n_ctx", 1024},
            {"vocab_size", 50257},
            {"activation_function", "gelu_new"},
            {"layer_norm_epsilon", 1e-5},
            {"initializer_range", 0.02},
            {"resid_pdrop", 0.1},
            {"summary_type", "cls_index"}};
}

json llama(unsigned layers, unsigned width, unsigned heads, unsigned kv_heads, unsigned mlp_width, unsigned vocabulary,
           bool tied) {
    return {{"model_type", "llama"},        {"num_hidden_layers", layers},     {"hidden_size", width},
            {"num_attention_heads", heads}, {"num_key_value_heads", kv_heads}, {"intermediate_size", mlp_width},
            {"vocab_size", vocabulary},     {"tie_word_embeddings", tied},     {"max_position_embeddings", 2048},
            {"rms_norm_eps", 1e-5},         {"rope_theta", 10000.0},           {"rope_scaling", nullptr},
            {"hidden_act", "silu"},         {"attention_bias", false}};
}

json llama_3_2_1b() {
    json config = llama(16, 2048, 32, 8, 8192, 128256, true);
    config["head_dim"] = 64;
    config["max_position_embeddings"] = 131072;
    config["rope_theta"] = 500000.0;
    config["rope_scaling"] = {{"factor", 32.0},
                              {"high_freq_factor", 4.0},
                              {"low_freq_factor", 1.0},
                              {"original_max_position_embeddings", 8192},
                              {"rope_type", "llama3"}};
    return config;
}

json with(json config, const std::string& field, const json& value) {
    config[field] = value;
    return config;
}
json without(json config, const std::string& field) {
    config.erase(field);
    return config;
}

std::uint64_t parameters_of(const ModelParameters& model) {
    const schedule::Graph graph = schedule::forward_graph(model, 1, model.vocabulary);
    std::uint64_t count = 0;
    for (const schedule::Parameter& each : graph.parameters)
        count += graph.tensor(each.value).rows * graph.tensor(each.value).cols;
    return count;
}

class ModelConfig : public testing::Test {
protected:
    ModelParameters model(const json& config, const std::string& beside = "") const {
        return load(config.dump(2), beside).model;
    }
    scenario::Scenario load(const std::string& config, const std::string& beside = "") const {
        std::filesystem::create_directories(folder_.path("some-model"));
        std::ofstream(folder_.path("some-model/config.json")) << config;
        std::ofstream(folder_.path("run.toml"))
            << "run.text = \"synthetic\"\n[model]\nconfig = \"some-model/config.json\"\n"
            << beside;
        return scenario::load(folder_.path("run.toml"));
    }
    std::string refused(const json& config) const { return refused_text(config.dump()); }
    std::string refused_text(const std::string& config) const {
        try {
            load(config);
        } catch (const scenario::ScenarioError& error) {
            return error.what();
        }
        return "no error";
    }
    std::uint64_t parameters(const json& config) const {
        const ModelParameters parameters = model(config, "context = 8\n");
        const std::uint64_t count = parameters_of(parameters);
        // A learned position is a row each; the context of the test is shorter.
        const bool learned = parameters.positions == scenario::Positions::learned;
        return learned ? count + (config.at("n_positions").get<std::uint64_t>() - 8) * parameters.width : count;
    }

private:
    TemporaryFolder folder_;
};

TEST_F(ModelConfig, CountsTheParametersThatTheAuthorsState) {
    EXPECT_EQ(parameters(gpt2()), 124'439'808u);
    json medium = gpt2();
    medium.update({{"n_layer", 24}, {"n_embd", 1024}, {"n_head", 16}});
    EXPECT_EQ(parameters(medium), 354'823'168u);
    EXPECT_EQ(parameters(llama(30, 576, 9, 3, 1536, 49152, true)), 134'515'008u) << "SmolLM 135M";
    EXPECT_EQ(parameters(llama(22, 2048, 32, 4, 5632, 32000, false)), 1'100'048'384u) << "TinyLlama 1.1B";
    EXPECT_EQ(parameters(llama_3_2_1b()), 1'235'814'400u) << "Llama 3.2 1B";
    EXPECT_EQ(parameters(llama(32, 4096, 32, 8, 14336, 128256, false)), 8'030'261'248u) << "Llama 3.1 8B";
    EXPECT_EQ(parameters(with(llama(32, 4096, 32, 8, 14336, 32000, false), "model_type", "mistral")), 7'241'732'096u)
        << "Mistral 7B";
    EXPECT_EQ(parameters(with(llama(24, 896, 14, 2, 4864, 151936, true), "model_type", "qwen2")), 494'032'768u)
        << "Qwen2 0.5B";
    json qwen3 = llama(28, 2048, 16, 8, 6144, 151936, true);
    qwen3.update({{"model_type", "qwen3"}, {"head_dim", 128}});
    EXPECT_EQ(parameters(qwen3), 1'720'574'976u) << "Qwen3 1.7B";
}

TEST_F(ModelConfig, SaysWhatAModelIs) {
    const ModelParameters small = model(gpt2());
    EXPECT_EQ(small.name, "some-model") << "the folder's, as all of them are called config";
    EXPECT_EQ(small.norm, scenario::Norm::layernorm);
    EXPECT_TRUE(small.norm_gain && small.norm_bias && small.bias && small.tied_head && small.final_norm);
    EXPECT_FALSE(small.embedding_norm);
    EXPECT_EQ(small.mlp_width, 3072u) << "four times the width";
    const ModelParameters llama = model(llama_3_2_1b());
    EXPECT_EQ(llama.positions, scenario::Positions::rope);
    EXPECT_EQ(llama.rope.scaling, scenario::RopeScaling::llama3);
    EXPECT_EQ(llama.rope.factor, 32);
    EXPECT_EQ(llama.rope.original_context, 8192u);
    EXPECT_EQ(llama.kv_heads, 8u);
    EXPECT_EQ(llama.norm_epsilon, 1e-5);
}

TEST_F(ModelConfig, WhatStandsBesideItInTheScenarioWins) {
    EXPECT_EQ(model(llama_3_2_1b(), "context = 64\nlayers = 2\n").context, 64u);
}

TEST_F(ModelConfig, IsNamedOnTheCommandLineToo) {
    const TemporaryFolder folder;
    std::ofstream(folder.path("config.json")) << gpt2();
    std::ofstream(folder.path("run.toml")) << "run.text = \"synthetic\"\nmodel.vocabulary = 9\n";
    const auto loaded = scenario::load(folder.path("run.toml"), {"model.config=" + folder.path("config.json")});
    EXPECT_EQ(loaded.model.layers, 12u);
    EXPECT_EQ(loaded.model.vocabulary, 9u);
}

TEST_F(ModelConfig, RefusesByNameWhatItDoesNotKnow) {
    const json llama = llama_3_2_1b();
    EXPECT_THAT(refused(with(llama, "num_hiden_layers", 3)),
                AllOf(HasSubstr("config.json: num_hiden_layers"), HasSubstr("nearest: num_hidden_layers")));
    EXPECT_THAT(refused(with(gpt2(), "model_type", "gpt3")), AllOf(HasSubstr("gpt3"), HasSubstr("llama")));
    EXPECT_THAT(refused(without(gpt2(), "model_type")), HasSubstr("model_type is missing"));
    EXPECT_THAT(refused(without(llama, "hidden_size")), HasSubstr("hidden_size: is missing"));
    EXPECT_THAT(refused(with(llama, "hidden_size", "wide")), HasSubstr("takes a number"));
    EXPECT_THAT(refused(with(llama, "hidden_size", -1)), HasSubstr("model.width"));
    EXPECT_THAT(refused(with(llama, "hidden_size", 2.5)), HasSubstr("model.width"));
    EXPECT_THAT(refused(with(llama, "hidden_size", 1e300)), HasSubstr("model.width"));
    EXPECT_THAT(refused(with(llama, "num_key_value_heads", 5)), HasSubstr("must divide"));
    EXPECT_THAT(refused(with(llama, "hidden_act", "gelu")), AllOf(HasSubstr("hidden_act"), HasSubstr("silu")));
    EXPECT_THAT(refused(with(llama, "mlp_bias", true)), HasSubstr("mlp_bias: true changes"));
    EXPECT_THAT(refused(with(llama, "tie_word_embeddings", 1)), HasSubstr("true or false"));
    EXPECT_THAT(refused(with(llama, "rope_scaling", {{"rope_type", "yarn"}, {"factor", 4}})), HasSubstr("yarn"));
    EXPECT_THAT(refused(with(llama, "rope_scaling", {{"rope_type", "linear"}})), HasSubstr("factor is missing"));
    EXPECT_THAT(refused(with(llama, "rope_scaling", {{"rope_type", "linear"}, {"factor", 4}, {"beta", 1}})),
                HasSubstr("beta"));
    const json mistral = with(llama, "model_type", "mistral");
    EXPECT_THAT(refused(with(mistral, "sliding_window", 4096)), HasSubstr("sliding_window: 4096 is below"));
    EXPECT_EQ(refused(with(mistral, "sliding_window", nullptr)), "no error");
    EXPECT_EQ(refused(with(mistral, "sliding_window", 131072)), "no error");
}

TEST_F(ModelConfig, SurvivesWhatIsNoConfig) {
    EXPECT_THAT(refused_text("{"), HasSubstr("is no JSON"));
    EXPECT_THAT(refused_text("{\"a\": 1} trailing"), HasSubstr("is no JSON"));
    std::string deep = "{\"a\": ";
    for (int i = 0; i < 100'000; ++i)
        deep += '[';
    EXPECT_THAT(refused_text(deep), HasSubstr("config.json"));
    EXPECT_THAT(refused_text("\xEF\xBB\xBF{}"), HasSubstr("model_type is missing"));
    EXPECT_THAT(refused_text("[]"), HasSubstr("config.json:1:2")) << "that is TOML, and wrong as such";
}

TEST_F(ModelConfig, IsForTheModelAlone) {
    const TemporaryFolder folder;
    std::ofstream(folder.path("config.json")) << gpt2();
    std::ofstream(folder.path("run.toml")) << "run.text = \"synthetic\"\n[chip]\nbase = \"config.json\"\n";
    EXPECT_THROW(scenario::load(folder.path("run.toml")), scenario::ScenarioError);
}

TEST(ShippedModels, HaveTheParametersThatTheirAuthorsState) {
    const std::pair<const char*, std::uint64_t> models[] = {{"gpt-small", 124'439'808},
                                                            {"smollm-135m", 134'515'008},
                                                            {"nanochat-d20", 560'988'160},
                                                            {"llama-3.2-1b", 1'235'814'400},
                                                            {"qwen3-1.7b", 1'720'574'976}};
    for (const auto& [name, expected] : models) {
        const std::string file = std::string("scenarios/models/") + name + ".toml";
        const ModelParameters model = scenario::load("scenarios/runs/train.toml", {"model.base=" + file}).model;
        EXPECT_EQ(parameters_of(model), expected) << name;
    }
}

} // namespace
} // namespace gradus::model_config_test
