// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "platform/scenario/families/llama.h"

namespace gradus::scenario {
namespace {

/// Llama's blocks, with scaled embeddings, gains that are 1 + what is learned, and a head that is the embedding.
Family gemma_like(const char* type) {
    Family family = llama_like(type);
    family.always.insert(family.always.end(), {{"norm_offset", "true"}, {"embedding_scaled", "true"}});
    for (NumberField& number : family.numbers)
        if (number.field == std::string_view("head_dim")) number.otherwise = "256";
    family.flags = {{"tie_word_embeddings", "tied_head", true}};
    family.choices = {{"hidden_activation", "activation", {{"gelu_pytorch_tanh", "gelu"}}, "gelu"}};
    family.ignored = {"hidden_act"}; // of older files, and without effect beside hidden_activation
    return family;
}

/// What the second and the third have in common: norms around sublayers, layers within a window.
Family later_gemma(const char* type) {
    Family family = gemma_like(type);
    family.always.emplace_back("norm_place", "around");
    family.numbers.push_back({"query_pre_attn_scalar", "score_width", "256"});
    family.fixed.push_back({"use_bidirectional_attention", false});
    family.ignored.push_back("cache_implementation");
    family.window = true;
    return family;
}

} // namespace

/// Gemma Team, Gemma, 2024.
Family gemma_family() { return gemma_like("gemma"); }

/// Gemma Team, Gemma 2, 2024: every other layer is local, scores and logits are capped.
Family gemma2_family() {
    Family family = later_gemma("gemma2");
    family.numbers.push_back({"attn_logit_softcapping", "score_cap", "50", "", "0"});
    family.numbers.push_back({"final_logit_softcapping", "logit_cap", "30", "", "0"});
    family.global_every = 2;
    return family;
}

/// Gemma Team, Gemma 3 Technical Report, 2025: five local layers to a global one, norms of queries and keys.
Family gemma3_family() {
    Family family = later_gemma("gemma3_text");
    family.always.emplace_back("qk_norm", "before_rope");
    family.numbers.push_back({"attn_logit_softcapping", "score_cap", "0"});
    family.numbers.push_back({"final_logit_softcapping", "logit_cap", "0"});
    family.numbers.push_back({"rope_local_base_freq", "rope.local_theta", "10000"});
    family.rope_theta = "1000000";
    family.global_every = 6;
    return family;
}

} // namespace gradus::scenario
