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

json gemma2() {
    json config = llama(26, 2304, 8, 4, 9216, 256000, true);
    config.erase("hidden_act");
    config.update({{"model_type", "gemma2"},
                   {"head_dim", 256},
                   {"hidden_activation", "gelu_pytorch_tanh"},
                   {"attn_logit_softcapping", 50.0},
                   {"final_logit_softcapping", 30.0},
                   {"query_pre_attn_scalar", 256},
                   {"sliding_window", 4096},
                   {"cache_implementation", "hybrid"},
                   {"max_position_embeddings", 8192}});
    return config;
}

json gemma3() {
    json config = llama(26, 1152, 4, 1, 6912, 262144, true);
    config.erase("hidden_act");
    config.update({{"model_type", "gemma3_text"},
                   {"head_dim", 256},
                   {"hidden_activation", "gelu_pytorch_tanh"},
                   {"attn_logit_softcapping", nullptr},
                   {"query_pre_attn_scalar", 256},
                   {"rope_theta", 1e6},
                   {"rope_local_base_freq", 10000},
                   {"sliding_window", 512},
                   {"sliding_window_pattern", 6},
                   {"max_position_embeddings", 32768}});
    return config;
}

json phi3() {
    json config = llama(32, 3072, 32, 32, 8192, 32064, false);
    config.update({{"model_type", "phi3"},
                   {"embd_pdrop", 0.0},
                   {"original_max_position_embeddings", 4096},
                   {"sliding_window", 2047},
                   {"max_position_embeddings", 4096}});
    return config;
}

json bert() {
    return {{"model_type", "bert"},
            {"num_hidden_layers", 12},
            {"hidden_size", 768},
            {"num_attention_heads", 12},
            {"intermediate_size", 3072},
            {"hidden_act", "gelu"},
            {"max_position_embeddings", 512},
            {"type_vocab_size", 2},
            {"vocab_size", 30522},
            {"layer_norm_eps", 1e-12},
            {"position_embedding_type", "absolute"},
            {"gradient_checkpointing", false}};
}

json vit() {
    json config = {{"model_type", "vit"}, {"num_hidden_layers", 12},   {"hidden_size", 768},
                   {"image_size", 384},   {"num_attention_heads", 12}, {"intermediate_size", 3072},
                   {"patch_size", 16},    {"num_channels", 3},         {"hidden_act", "gelu"},
                   {"qkv_bias", true},    {"layer_norm_eps", 1e-12}};
    for (int label = 0; label < 1000; ++label)
        config["id2label"][std::to_string(label)] = "one of them";
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
        return learned ? count + std::uint64_t{model(config).context - 8} * parameters.width : count;
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
    EXPECT_EQ(parameters(gemma2()), 2'614'341'888u) << "Gemma 2 2B";
    EXPECT_EQ(parameters(gemma3()), 999'885'952u) << "Gemma 3 1B";
    EXPECT_EQ(parameters(phi3()), 3'821'079'552u) << "Phi-3 mini";
    EXPECT_EQ(parameters(bert()), 109'514'298u) << "BERT base with its head for masked tokens";
    EXPECT_EQ(parameters(vit()), 86'859'496u) << "ViT-B/16 for images of 384 x 384";
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

TEST_F(ModelConfig, SaysHowFarLayersSee) {
    const ModelParameters second = model(gemma2()), third = model(gemma3()), phi = model(phi3());
    EXPECT_EQ(std::pair(second.window, second.global_every), std::pair(4096u, 2u));
    EXPECT_EQ(std::pair(second.score_cap, second.logit_cap), std::pair(50.0, 30.0));
    EXPECT_EQ(second.score_width, 256);
    EXPECT_EQ(std::pair(third.window, third.global_every), std::pair(512u, 6u));
    EXPECT_EQ(std::pair(third.rope.theta, third.rope.local_theta), std::pair(1e6, 1e4));
    EXPECT_EQ(third.score_cap, 0);
    EXPECT_EQ(std::pair(phi.window, phi.global_every), std::pair(2047u, 0u));
    EXPECT_EQ(model(with(gemma2(), "final_logit_softcapping", nullptr)).logit_cap, 0) << "null is none";
    EXPECT_EQ(model(without(gemma2(), "final_logit_softcapping")).logit_cap, 30) << "what the family does";
    EXPECT_EQ(model(llama_3_2_1b()).window, 0u);
    json layers = without(gemma3(), "sliding_window_pattern");
    for (int layer = 0; layer < 26; ++layer)
        layers["layer_types"].push_back(layer % 4 == 3 ? "full_attention" : "sliding_attention");
    EXPECT_EQ(model(layers).global_every, 4u);
    layers["layer_types"][5] = "full_attention";
    EXPECT_THAT(refused(layers), HasSubstr("layer_types: layer 5 breaks"));
    EXPECT_THAT(refused(with(layers, "num_hidden_layers", 27)), HasSubstr("layer_types: is a list with"));
    layers["layer_types"][0] = "linear_attention";
    EXPECT_THAT(refused(layers), HasSubstr("layer_types: \"linear_attention\""));
    json qwen = with(with(llama_3_2_1b(), "model_type", "qwen2"), "sliding_window", 4096);
    qwen["max_window_layers"] = 16;
    EXPECT_EQ(model(qwen).window, 0u) << "from layer 16 on, which there is not";
    EXPECT_EQ(model(with(qwen, "max_window_layers", 0)).window, 4096u);
    EXPECT_EQ(model(with(with(qwen, "max_window_layers", 0), "use_sliding_window", false)).window, 0u);
    EXPECT_THAT(refused(with(qwen, "max_window_layers", 7)), HasSubstr("max_window_layers: 7"));
}

TEST_F(ModelConfig, SaysWhatIsPredicted) {
    const ModelParameters masked = model(bert()), image = model(vit());
    EXPECT_EQ(masked.objective, scenario::Objective::masked_token);
    EXPECT_EQ(masked.norm_place, scenario::NormPlace::after);
    EXPECT_EQ(masked.activation, scenario::Activation::gelu_erf);
    EXPECT_EQ(masked.token_types, 2u);
    EXPECT_EQ(image.objective, scenario::Objective::label);
    EXPECT_EQ(image.context, 577u);
    EXPECT_EQ(image.patch_values, 768u);
    EXPECT_EQ(image.vocabulary, 1000u);
    EXPECT_EQ(model(with(without(vit(), "id2label"), "num_labels", 10)).vocabulary, 10u);
}

TEST_F(ModelConfig, RefusesWhatAFamilyCannotBe) {
    EXPECT_THAT(refused(with(gemma2(), "hidden_activation", "gelu")), HasSubstr("hidden_activation"));
    EXPECT_THAT(refused(with(gemma3(), "sliding_window", "wide")), HasSubstr("sliding_window: takes a number"));
    EXPECT_THAT(refused(with(gemma3(), "sliding_window", -3)), HasSubstr("model.window"));
    EXPECT_THAT(refused(without(gemma3(), "sliding_window")), HasSubstr("sliding_window: is missing"));
    EXPECT_THAT(refused(with(gemma3(), "sliding_window_pattern", "six")), HasSubstr("sliding_window_pattern"));
    EXPECT_THAT(refused(with(gemma3(), "use_bidirectional_attention", true)), HasSubstr("use_bidirectional_attention"));
    EXPECT_THAT(refused(with(phi3(), "rope_scaling",
                             {{"type", "longrope"}, {"short_factor", {1.0, 1.1}}, {"long_factor", {1.0, 8.0}}})),
                AllOf(HasSubstr("rope_scaling"), HasSubstr("longrope")));
    EXPECT_THAT(refused(with(bert(), "position_embedding_type", "relative_key")), HasSubstr("position_embedding_type"));
    EXPECT_THAT(refused(with(bert(), "is_decoder", true)), HasSubstr("is_decoder"));
    EXPECT_THAT(refused(with(vit(), "patch_size", 17)), HasSubstr("patch_size: 17 does not divide"));
    EXPECT_THAT(refused(with(vit(), "patch_size", 0)), HasSubstr("patch_size: takes a number from 1"));
    EXPECT_THAT(refused(with(vit(), "image_size", 3.5)), HasSubstr("image_size"));
    EXPECT_THAT(refused(with(vit(), "image_size", {384, 384})), HasSubstr("image_size"));
    EXPECT_THAT(refused(without(vit(), "id2label")), HasSubstr("id2label: is missing"));
    EXPECT_THAT(refused(with(vit(), "qkv_bias", false)), HasSubstr("qkv_bias"));
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
    EXPECT_EQ(refused(with(mistral, "sliding_window", 4096)), "no error");
    EXPECT_EQ(refused(with(mistral, "sliding_window", nullptr)), "no error");
    EXPECT_EQ(model(with(mistral, "sliding_window", 262144)).window, 131'072u) << "as long as a context may be";
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
    const std::pair<const char*, std::uint64_t> models[] = {
        {"gpt-small", 124'439'808},      {"smollm-135m", 134'515'008},  {"nanochat-d20", 560'988'160},
        {"llama-3.2-1b", 1'235'814'400}, {"qwen3-1.7b", 1'720'574'976}, {"gemma-3-1b", 999'885'952},
        {"bert-base", 109'514'298},      {"vit-base-384", 86'859'496}};
    for (const auto& [name, expected] : models) {
        const std::string file = std::string("scenarios/models/") + name + ".toml";
        const ModelParameters model = scenario::load("scenarios/runs/train.toml", {"model.base=" + file}).model;
        EXPECT_EQ(parameters_of(model), expected) << name;
    }
}

} // namespace
} // namespace gradus::model_config_test
