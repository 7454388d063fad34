// SPDX-License-Identifier: Apache-2.0
// What the tensors of each family are called, and their shapes: as in the checkpoints that transformers 4 writes of a
// model with the config.json beside it (nanochat: its own class GPT), written down here once more.
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform/scenario/load.h"
#include "platform/weights/binding.h"
#include "platform/weights/checkpoint.h"
#include "tests/support/random_models.h"
#include "tests/support/safetensors_text.h"
#include "tests/support/temporary_folder.h"

namespace gradus::weights::weights_naming_test {
namespace {

using nlohmann::json;
using Shapes = std::map<std::string, std::vector<std::uint64_t>>;

constexpr const char* llama_config =
    R"({"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 6, "intermediate_size": 20, "vocab_size": 11, "max_position_embeddings": 5})";

json llama_like(const char* type, const json& more = json::object()) {
    json config = json::parse(llama_config);
    config["model_type"] = type;
    config.update(more);
    return config;
}

struct Model {
    explicit Model(const json& config) {
        const test::TemporaryFolder folder;
        std::ofstream(folder.path("config.json")) << config;
        std::ofstream(folder.path("run.toml")) << "run.text = \"synthetic\"\nmodel.config = \"config.json\"\n";
        scenario = scenario::load(folder.path("run.toml"), {});
        schedule = schedule::build(scenario.model, scenario.run, test::small_dram);
    }

    /// By the names of a family; those to be written if none is given.
    Shapes shapes(const std::string& family = "") const {
        const std::vector<Binding> all = bindings(scenario.model, schedule.tensors);
        for (const Binding& binding : all) {
            if (!family.empty() && (!binding.naming || binding.naming->family != family)) continue;
            Shapes shapes;
            for (const BoundTensor& tensor : binding.tensors)
                EXPECT_TRUE(shapes.emplace(binding.spelt(tensor.name), tensor.shape()).second) << tensor.name;
            return shapes;
        }
        return {};
    }

    scenario::Scenario scenario;
    schedule::Schedule schedule;
};

void expect_layers(Shapes& expected, const std::string& prefix, const Shapes& each) {
    for (const char* layer : {"0.", "1."})
        for (const auto& [name, shape] : each)
            expected[prefix + layer + name] = shape;
}

/// Of q 12, kv 6 and width 8.
Shapes llama_layer() {
    return {{"input_layernorm.weight", {8}},      {"post_attention_layernorm.weight", {8}},
            {"self_attn.q_proj.weight", {12, 8}}, {"self_attn.k_proj.weight", {6, 8}},
            {"self_attn.v_proj.weight", {6, 8}},  {"self_attn.o_proj.weight", {8, 12}},
            {"mlp.gate_proj.weight", {20, 8}},    {"mlp.up_proj.weight", {20, 8}},
            {"mlp.down_proj.weight", {8, 20}}};
}

Shapes llama_shapes(const Shapes& layer, bool tied) {
    Shapes shapes = {{"model.embed_tokens.weight", {11, 8}}, {"model.norm.weight", {8}}};
    if (!tied) shapes["lm_head.weight"] = {11, 8};
    expect_layers(shapes, "model.layers.", layer);
    return shapes;
}

TEST(WeightNames, OfLlamaAndMistralAndGemma) {
    EXPECT_EQ(Model(llama_like("llama")).shapes(), llama_shapes(llama_layer(), false));
    EXPECT_EQ(Model(llama_like("llama", {{"tie_word_embeddings", true}})).shapes(), llama_shapes(llama_layer(), true));
    EXPECT_EQ(Model(llama_like("mistral")).shapes(), llama_shapes(llama_layer(), false));
    EXPECT_EQ(Model(llama_like("gemma")).shapes(), llama_shapes(llama_layer(), true));
}

TEST(WeightNames, OfQwen2HaveBiases) {
    Shapes layer = llama_layer();
    layer.insert({{"self_attn.q_proj.bias", {12}}, {"self_attn.k_proj.bias", {6}}, {"self_attn.v_proj.bias", {6}}});
    EXPECT_EQ(Model(llama_like("qwen2")).shapes(), llama_shapes(layer, false));
}

TEST(WeightNames, OfQwen3HaveNormsOfQueriesAndKeys) {
    Shapes layer = llama_layer();
    layer.insert({{"self_attn.q_norm.weight", {6}}, {"self_attn.k_norm.weight", {6}}});
    EXPECT_EQ(Model(llama_like("qwen3")).shapes(), llama_shapes(layer, false));
}

TEST(WeightNames, OfGemma2And3HaveNormsAroundSublayers) {
    Shapes layer = llama_layer();
    layer.insert({{"pre_feedforward_layernorm.weight", {8}}, {"post_feedforward_layernorm.weight", {8}}});
    EXPECT_EQ(Model(llama_like("gemma2", {{"sliding_window", 3}})).shapes(), llama_shapes(layer, true));
    layer.insert({{"self_attn.q_norm.weight", {6}}, {"self_attn.k_norm.weight", {6}}});
    EXPECT_EQ(Model(llama_like("gemma3_text", {{"sliding_window", 3}})).shapes(), llama_shapes(layer, true));
}

TEST(WeightNames, OfPhi3AreFewerMatrices) {
    Shapes layer = llama_layer();
    for (const char* each :
         {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "mlp.gate_proj", "mlp.up_proj"})
        layer.erase(std::string(each) + ".weight");
    layer.insert({{"self_attn.qkv_proj.weight", {24, 8}}, {"mlp.gate_up_proj.weight", {40, 8}}});
    EXPECT_EQ(Model(llama_like("phi3")).shapes("phi3"), llama_shapes(layer, false));
}

TEST(WeightNames, OfGpt2AreConvolutions) {
    const Model model(
        {{"model_type", "gpt2"}, {"n_layer", 2}, {"n_embd", 8}, {"n_head", 2}, {"n_positions", 5}, {"vocab_size", 11}});
    Shapes expected = {{"transformer.wte.weight", {11, 8}},
                       {"transformer.wpe.weight", {5, 8}},
                       {"transformer.ln_f.weight", {8}},
                       {"transformer.ln_f.bias", {8}}};
    expect_layers(expected, "transformer.h.",
                  {{"ln_1.weight", {8}},
                   {"ln_1.bias", {8}},
                   {"ln_2.weight", {8}},
                   {"ln_2.bias", {8}},
                   {"attn.c_attn.weight", {8, 24}},
                   {"attn.c_attn.bias", {24}},
                   {"attn.c_proj.weight", {8, 8}},
                   {"attn.c_proj.bias", {8}},
                   {"mlp.c_fc.weight", {8, 32}},
                   {"mlp.c_fc.bias", {32}},
                   {"mlp.c_proj.weight", {32, 8}},
                   {"mlp.c_proj.bias", {8}}});
    EXPECT_EQ(model.shapes(), expected);
}

/// The layers of BERT and ViT, but for norms and what they call attention.
Shapes encoder_layer(const std::string& attention) {
    Shapes layer = {{"attention.output.dense.weight", {8, 8}}, {"attention.output.dense.bias", {8}},
                    {"intermediate.dense.weight", {20, 8}},    {"intermediate.dense.bias", {20}},
                    {"output.dense.weight", {8, 20}},          {"output.dense.bias", {8}}};
    for (const char* each : {"query", "key", "value"}) {
        layer["attention." + attention + "." + each + ".weight"] = {8, 8};
        layer["attention." + attention + "." + each + ".bias"] = {8};
    }
    return layer;
}

json encoder(const char* type) {
    return {{"model_type", type},
            {"num_hidden_layers", 2},
            {"hidden_size", 8},
            {"num_attention_heads", 2},
            {"intermediate_size", 20}};
}

json bert() {
    json config = encoder("bert");
    config.update({{"vocab_size", 11}, {"max_position_embeddings", 5}});
    return config;
}

Shapes bert_shapes() {
    Shapes expected = {{"bert.embeddings.word_embeddings.weight", {11, 8}},
                       {"bert.embeddings.position_embeddings.weight", {5, 8}},
                       {"bert.embeddings.token_type_embeddings.weight", {2, 8}},
                       {"bert.embeddings.LayerNorm.weight", {8}},
                       {"bert.embeddings.LayerNorm.bias", {8}},
                       {"cls.predictions.transform.dense.weight", {8, 8}},
                       {"cls.predictions.transform.dense.bias", {8}},
                       {"cls.predictions.transform.LayerNorm.weight", {8}},
                       {"cls.predictions.transform.LayerNorm.bias", {8}},
                       {"cls.predictions.bias", {11}}};
    Shapes layer = encoder_layer("self");
    for (const char* norm : {"attention.output.LayerNorm.weight", "attention.output.LayerNorm.bias",
                             "output.LayerNorm.weight", "output.LayerNorm.bias"})
        layer[norm] = {8};
    expect_layers(expected, "bert.encoder.layer.", layer);
    return expected;
}

TEST(WeightNames, OfBert) { EXPECT_EQ(Model(bert()).shapes(), bert_shapes()); }

TEST(WeightNames, OfVit) {
    json config = encoder("vit");
    config.update({{"image_size", 8}, {"patch_size", 4}, {"num_labels", 11}});
    Shapes expected = {{"vit.embeddings.cls_token", {1, 1, 8}},
                       {"vit.embeddings.position_embeddings", {1, 5, 8}},
                       {"vit.embeddings.patch_embeddings.projection.weight", {8, 3, 4, 4}},
                       {"vit.embeddings.patch_embeddings.projection.bias", {8}},
                       {"vit.layernorm.weight", {8}},
                       {"vit.layernorm.bias", {8}},
                       {"classifier.weight", {11, 8}},
                       {"classifier.bias", {11}}};
    Shapes layer = encoder_layer("attention");
    for (const char* norm :
         {"layernorm_before.weight", "layernorm_before.bias", "layernorm_after.weight", "layernorm_after.bias"})
        layer[norm] = {8};
    expect_layers(expected, "vit.encoder.layer.", layer);
    EXPECT_EQ(Model(config).shapes(), expected);
}

TEST(WeightNames, OfNanochat) {
    const scenario::Scenario small =
        scenario::load("scenarios/runs/names.toml", {"model.base=scenarios/models/nanochat-d20.toml", "model.layers=2",
                                                     "model.width=8", "model.heads=2", "model.mlp_width=32",
                                                     "model.vocabulary=28", "model.context=5", "run.generate=0"});
    const schedule::Schedule schedule = schedule::build(small.model, small.run, test::small_dram);
    const std::vector<Binding> all = bindings(small.model, schedule.tensors);
    Shapes shapes, expected = {{"transformer.wte.weight", {28, 8}}, {"lm_head.weight", {28, 8}}};
    for (const BoundTensor& tensor : all.front().tensors)
        shapes[tensor.name] = tensor.shape();
    expect_layers(expected, "transformer.h.",
                  {{"attn.c_q.weight", {8, 8}},
                   {"attn.c_k.weight", {8, 8}},
                   {"attn.c_v.weight", {8, 8}},
                   {"attn.c_proj.weight", {8, 8}},
                   {"mlp.c_fc.weight", {32, 8}},
                   {"mlp.c_proj.weight", {8, 32}}});
    EXPECT_EQ(shapes, expected);
}

// What no family is called by has the names of the schedule.
TEST(WeightNames, OfOtherModelsAreOurs) {
    const scenario::Scenario names = scenario::load("scenarios/runs/names.toml");
    const schedule::Schedule schedule = schedule::build(names.model, names.run, test::small_dram);
    const std::vector<Binding> all = bindings(names.model, schedule.tensors);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all.front().naming, nullptr);
    EXPECT_EQ(all.front().tensors.size(), 9u);
    EXPECT_EQ(all.front().tensors.front().name, "embedding.token");
}

std::string file_of(const Shapes& shapes) {
    json header = json::object();
    std::string data;
    for (const auto& [name, shape] : shapes) {
        std::uint64_t count = 1;
        for (const std::uint64_t dimension : shape)
            count *= dimension;
        const std::size_t begin = data.size();
        data += test::bytes_of(std::vector<float>(count, static_cast<float>(count)));
        header[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {begin, data.size()}}};
    }
    return test::safetensors(header.dump(), data);
}

/// Why weights are refused; empty: they are not.
std::string refusal(const std::string& path, const Model& model) {
    try {
        Source source(path);
        const LoadedWeights weights(source, model.scenario, model.schedule);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

// As bert-base-uncased is published: gamma and beta, the copies of a head that is the embedding, the other task.
TEST(WeightNames, OfOlderFilesAndWhatTheModelHasNotAreUnderstood) {
    const test::TemporaryFolder folder;
    Shapes shapes;
    for (const auto& [name, shape] : bert_shapes()) {
        std::string older = name;
        if (const std::size_t at = older.find("LayerNorm.weight"); at != std::string::npos)
            older.replace(at + 10, 6, "gamma");
        if (const std::size_t at = older.find("LayerNorm.bias"); at != std::string::npos)
            older.replace(at + 10, 4, "beta");
        shapes[older] = shape;
    }
    shapes.insert({{"bert.embeddings.position_ids", {1, 5}},
                   {"bert.pooler.dense.weight", {8, 8}},
                   {"bert.pooler.dense.bias", {8}},
                   {"cls.seq_relationship.weight", {2, 8}},
                   {"cls.seq_relationship.bias", {2}},
                   {"cls.predictions.decoder.weight", {11, 8}}});
    std::ofstream(folder.path("bert")) << file_of(shapes);
    EXPECT_EQ(refusal(folder.path("bert"), Model(bert())), "");
    shapes["bert.embeddings.other"] = {1};
    std::ofstream(folder.path("bert")) << file_of(shapes);
    EXPECT_THAT(refusal(folder.path("bert"), Model(bert())),
                testing::HasSubstr("holds tensor 'bert.embeddings.other', which the model does not have"));
}

TEST(WeightNames, AFolderHoldsOneFileOrShards) {
    const test::TemporaryFolder folder;
    const Model model(llama_like("llama"));
    EXPECT_THAT(refusal(folder.path(""), model), testing::HasSubstr("holds neither model.safetensors nor"));
    const Shapes shapes = model.shapes();
    Shapes first, second;
    json map = json::object();
    for (const auto& [name, shape] : shapes) {
        Shapes& shard = first.size() < shapes.size() / 2 ? first : second;
        shard[name] = shape;
        map[name] = &shard == &first ? "model-00001-of-00002.safetensors" : "model-00002-of-00002.safetensors";
    }
    std::ofstream(folder.path("model-00001-of-00002.safetensors")) << file_of(first);
    std::ofstream(folder.path("model-00002-of-00002.safetensors")) << file_of(second);
    const auto with_index = [&](const std::string& index) {
        std::ofstream(folder.path("model.safetensors.index.json")) << index;
        return refusal(folder.path(""), model);
    };
    EXPECT_EQ(with_index(json{{"metadata", {{"total_size", 1}}}, {"weight_map", map}}.dump()), "");
    EXPECT_THAT(with_index("{"), testing::HasSubstr("is no JSON"));
    EXPECT_THAT(with_index("{}"), testing::HasSubstr("has no object weight_map"));
    EXPECT_THAT(with_index(std::string(100'000, '[')), testing::HasSubstr("nested too deep"));
    EXPECT_THAT(with_index(R"({"weight_map": {"a": "../secret"}})"), testing::HasSubstr("file of the same folder"));
    EXPECT_THAT(with_index(R"({"weight_map": {"a": "other"}})"), testing::HasSubstr("there is no file"));
    std::ofstream(folder.path("model-00002-of-00002.safetensors")) << file_of(first);
    EXPECT_THAT(with_index(json{{"weight_map", map}}.dump()), testing::HasSubstr("is in another shard, too"));
    std::filesystem::remove(folder.path("model.safetensors.index.json"));
    std::ofstream(folder.path("model.safetensors")) << file_of(shapes);
    EXPECT_EQ(refusal(folder.path(""), model), "");
}

} // namespace
} // namespace gradus::weights::weights_naming_test
