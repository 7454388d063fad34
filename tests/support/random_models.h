// SPDX-License-Identifier: Apache-2.0
// Small models of every shape, for properties of schedules.
#pragma once

#include <cstdint>
#include <random>
#include <sstream>
#include <string>
#include <utility>

#include "ip/common/address_range.h"
#include "platform/scenario/parameters.h"
#include "platform/schedule/schedule.h"

namespace gradus::test {

inline constexpr ip::AddressRange small_dram{0x80000000u, 64u << 20};

struct RandomModel {
    scenario::ModelParameters model;
    scenario::RunParameters run;

    std::string describe() const {
        std::ostringstream out;
        out << model.layers << " layers, width " << model.width << ", " << model.heads << " heads, context "
            << model.context << ", mlp " << model.mlp_width << ", activation " << static_cast<int>(model.activation)
            << ", bias " << model.bias << ", gain " << model.norm_gain << ", embedding norm " << model.embedding_norm
            << ", final norm " << model.final_norm << ", norm " << static_cast<int>(model.norm) << ", "
            << model.kv_heads << " kv heads of " << model.head_width << ", positions "
            << static_cast<int>(model.positions) << ", qk norm " << static_cast<int>(model.qk_norm) << ", attention "
            << static_cast<int>(model.attention) << ", epilogues " << static_cast<int>(model.epilogues) << ", head "
            << static_cast<int>(model.head) << ", gated " << model.gated_mlp << ", tied " << model.tied_head << ", cap "
            << model.logit_cap << ", norm place " << static_cast<int>(model.norm_place) << ", offset "
            << model.norm_offset << ", scaled " << model.embedding_scaled << ", types " << model.token_types
            << ", score cap " << model.score_cap << ", window " << model.window << " but every " << model.global_every
            << ", head transform " << model.head_transform << ", head bias " << model.head_bias << ", objective "
            << static_cast<int>(model.objective) << ", patches of " << model.patch_values << ", recompute "
            << static_cast<int>(model.recompute) << ", " << run.accumulate << " batches of " << run.batch << ", text "
            << run.text;
        return out.str();
    }
};

inline RandomModel random_model(std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    const auto from_to = [&](unsigned low, unsigned high) {
        return low + static_cast<unsigned>(engine() % (high - low + 1));
    };
    RandomModel result;
    auto& [model, run] = result;
    model.layers = from_to(1, 3);
    model.heads = from_to(1, 4);
    model.width = model.heads * from_to(1, 4);
    model.context = from_to(1, 9);
    model.mlp_width = from_to(1, 17);
    model.activation = static_cast<scenario::Activation>(from_to(0, 2));
    model.bias = from_to(0, 1) != 0;
    model.norm_gain = from_to(0, 1) != 0;
    model.embedding_norm = from_to(0, 1) != 0;
    model.final_norm = from_to(0, 1) != 0;
    model.init_std = 0.5;
    run.batch = from_to(1, 3);
    run.steps = 3;
    run.seed = seed;
    if (from_to(0, 1) != 0) {
        run.text = "synthetic";
        model.vocabulary = from_to(2, 11);
    }
    // What other families have.
    if (from_to(0, 2) == 0) {
        model.norm = scenario::Norm::layernorm;
        model.norm_bias = from_to(0, 1) != 0;
    }
    if (from_to(0, 2) == 0) model.head_width = from_to(1, 5);
    if (from_to(0, 1) != 0) model.kv_heads = model.heads % 2 == 0 ? model.heads / 2 : 1;
    const unsigned head_width = model.head_width != 0 ? model.head_width : model.width / model.heads;
    model.positions = static_cast<scenario::Positions>(from_to(0, 2));
    if (model.positions == scenario::Positions::rope && head_width < 2) model.positions = scenario::Positions::none;
    model.qk_norm = static_cast<scenario::QkNorm>(from_to(0, 2));
    model.qkv_bias = from_to(0, 2) == 0;
    model.gated_mlp = from_to(0, 1) != 0;
    model.tied_head = from_to(0, 1) != 0;
    if (from_to(0, 3) == 0) model.logit_cap = 2;
    if (from_to(0, 3) == 0) model.activation = scenario::Activation::relu_squared;
    if (from_to(0, 3) == 0) {
        run.optimizer = scenario::OptimizerKind::sgd;
        run.momentum = from_to(0, 1) != 0 ? 0.9 : 0;
    }
    model.norm_place = static_cast<scenario::NormPlace>(from_to(0, 2));
    model.norm_offset = model.norm_gain && from_to(0, 1) != 0;
    model.embedding_scaled = model.positions != scenario::Positions::learned && from_to(0, 1) != 0;
    if (from_to(0, 3) == 0) model.token_types = from_to(1, 2);
    if (from_to(0, 3) == 0) model.activation = scenario::Activation::gelu_erf;
    if (from_to(0, 3) == 0) model.score_cap = 1.5;
    const bool of_images = seed % 5 == 0, has_windows = seed % 5 == 3; // rare by chance alone
    if (has_windows) {
        model.window = from_to(1, 5);
        model.global_every = from_to(0, 2);
        if (from_to(0, 1) != 0) model.rope.local_theta = 50;
    }
    model.head_transform = from_to(0, 3) == 0;
    model.head_bias = from_to(0, 3) == 0;
    if (model.window == 0 && from_to(0, 2) == 0) model.objective = scenario::Objective::masked_token;
    if (of_images) {
        run.text = "synthetic";
        model.vocabulary = from_to(2, 11);
        model.context = from_to(2, 9);
        model.tied_head = model.embedding_scaled = false;
        model.token_types = 0;
        model.objective = scenario::Objective::label;
        model.patch_values = from_to(1, 6);
    }
    if (from_to(0, 1) != 0) model.attention = scenario::Form::fused;
    if (from_to(0, 1) != 0) model.epilogues = scenario::Form::fused;
    if (model.logit_cap == 0 && !model.head_bias && from_to(0, 1) != 0) model.head = scenario::Form::fused;
    run.accumulate = from_to(1, 3);
    model.recompute = static_cast<scenario::Recompute>(from_to(0, 2));
    return result;
}

} // namespace gradus::test
