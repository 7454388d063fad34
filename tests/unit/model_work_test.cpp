// SPDX-License-Identifier: Apache-2.0
// How much the shipped models multiply, held against what their authors and others count.
//
// FLOPs of training a token are 6 N + 12 l h q t (Chowdhery et al., PaLM, 2022, appendix B; nanochat's estimate_flops):
// two for the forward pass and four for the backward pass of each of the N parameters that are multiplied by, and of
// each of the l layers' products of queries and keys, and of probabilities and values, with h heads q wide over a
// context of t. A multiply-accumulate is two, so the forward pass has N + 2 l h q t of them a token. N leaves out
// embeddings, which are looked up, and gains and biases, which are no products.
#include <numeric>

#include <gtest/gtest.h>

#include "platform/scenario/load.h"
#include "platform/schedule/derivation.h"
#include "platform/schedule/forward.h"

namespace gradus::model_work_test {
namespace {

using scenario::ModelParameters;

ModelParameters shipped(const std::string& name, const std::vector<std::string>& changes = {}) {
    std::vector<std::string> settings{"model.base=scenarios/models/" + name + ".toml"};
    settings.insert(settings.end(), changes.begin(), changes.end());
    return scenario::load("scenarios/runs/train.toml", settings).model;
}

std::uint64_t macs(const schedule::Graph& graph, std::uint8_t phase) {
    return std::accumulate(graph.nodes.begin(), graph.nodes.end(), std::uint64_t{0},
                           [&](std::uint64_t sum, const schedule::Node& node) {
                               return sum + (node.op.image.phase == phase ? node.op.macs : 0);
                           });
}

std::uint64_t forward_macs(const ModelParameters& model) {
    return macs(schedule::forward_graph(model, 1, model.vocabulary), COMMAND_PHASE_FORWARD);
}

/// The formula has all t positions seen by each; plain attention computes what is hidden, too.
constexpr const char* plain = "model.attention=plain";

struct Published {
    const char* name;
    std::uint64_t multiplied; ///< N; a tied head counts
    std::uint64_t width;      ///< of all heads together: h q
};

class ShippedModel : public ::testing::TestWithParam<Published> {};

TEST_P(ShippedModel, MultipliesForATokenWhatTheClosedFormSays) {
    const Published& model = GetParam();
    const ModelParameters parameters = shipped(model.name, {plain});
    const std::uint64_t t = parameters.context;
    EXPECT_EQ(forward_macs(parameters), t * (model.multiplied + 2 * parameters.layers * model.width * t));
}

// Each of the counts is that of all parameters, which the authors state, without those said beside it.
INSTANTIATE_TEST_SUITE_P(
    Published, ShippedModel,
    ::testing::Values(Published{"gpt-small", 124'439'808 - 1024 * 768 - 12 * (4 * 768 + 9 * 768) - 2 * 768, 768},
                      Published{"smollm-135m", 134'515'008 - 61 * 576, 576},
                      Published{"nanochat-d20", 560'988'160 - 65536 * 1280, 1280},
                      Published{"llama-3.2-1b", 1'235'814'400 - 33 * 2048, 2048},
                      Published{"qwen3-1.7b", 1'720'574'976 - 57 * 2048 - 28 * 2 * 128, 2048},
                      Published{"gemma-3-1b", 999'885'952 - (4 * 26 + 1) * 1152 - 26 * 2 * 256, 1024},
                      Published{"bert-base",
                                109'514'298 - (512 + 2 + 2) * 768 - 12 * (4 * 768 + 9 * 768) - 3 * 768 - 30522, 768}),
    [](const auto& info) {
        std::string name = info.param.name;
        for (char& character : name)
            if (std::isalnum(static_cast<unsigned char>(character)) == 0) character = '_';
        return name;
    });

// An image has 576 patches, which become rows before that of its class is put in front of them, and one row of logits.
// PyTorch Image Models counts 55.54 thousand million, norms included (results/model_benchmark_amp_nchw_rtx3090.csv).
TEST(ShippedVit, MultipliesForAnImageWhatPyTorchImageModelsCounts) {
    const std::uint64_t rows = 577, width = 768;
    const std::uint64_t layer = rows * 12 * width * width + 2 * rows * rows * width;
    const std::uint64_t all = forward_macs(shipped("vit-base-384"));
    EXPECT_EQ(all, 576 * width * width + 12 * layer + width * 1000);
    EXPECT_NEAR(static_cast<double>(all), 55.54e9, 0.002 * 55.54e9);
}

// nanochat counts 6 N + 12 l h q t a token: N are 477,102,080 parameters beside the embedding.
TEST(ShippedNanochat, TrainsATokenWithTheFlopsThatItsAuthorEstimates) {
    const ModelParameters model = shipped("nanochat-d20", {plain});
    schedule::Graph graph = schedule::forward_graph(model, 1, model.vocabulary);
    schedule::append_backward(graph);
    const std::uint64_t flops = 2 * (macs(graph, COMMAND_PHASE_FORWARD) + macs(graph, COMMAND_PHASE_BACKWARD));
    const std::uint64_t estimated = 6ull * 477'102'080 + 12ull * 20 * 10 * 128 * 2048;
    EXPECT_EQ(flops, estimated * model.context);
}

} // namespace
} // namespace gradus::model_work_test
