// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/families/llama.h"

namespace gradus::scenario {

Family llama_like(const char* type) {
    Family family;
    family.types = {type};
    family.always = {{"positions", "rope"},  {"norm", "rmsnorm"},         {"norm_gain", "true"}, {"gated_mlp", "true"},
                     {"norm_bias", "false"}, {"embedding_norm", "false"}, {"final_norm", "true"}};
    family.numbers = {{"num_hidden_layers", "layers"},          {"hidden_size", "width"},
                      {"num_attention_heads", "heads"},         {"num_key_value_heads", "kv_heads", "0"},
                      {"head_dim", "head_width", "0"},          {"max_position_embeddings", "context"},
                      {"intermediate_size", "mlp_width"},       {"vocab_size", "vocabulary"},
                      {"rms_norm_eps", "norm_epsilon", "1e-6"}, {"initializer_range", "init_std", "0.02"}};
    family.flags = {{"tie_word_embeddings", "tied_head", false}};
    family.choices = {{"hidden_act",
                       "activation",
                       {{"silu", "silu"}, {"swish", "silu"}, {"gelu_pytorch_tanh", "gelu"}, {"relu", "relu"}},
                       "silu"}};
    family.fixed = {{"attention_bias", false}};
    family.rope = true;
    return family;
}

/// Touvron et al., Llama 2, 2023; Llama Team, The Llama 3 Herd of Models, 2024. SmolLM and TinyLlama are of it, too.
Family llama_family() {
    Family family = llama_like("llama");
    family.fixed.push_back({"mlp_bias", false});
    family.fixed.push_back({"pretraining_tp", 1});
    family.fixed.push_back({"rope_interleaved", false});
    family.ignored = {"is_llama_config"};
    return family;
}

} // namespace gradus::scenario
