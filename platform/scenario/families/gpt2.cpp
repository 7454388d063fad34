// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/families/family.h"

namespace gradus::scenario {

/// Radford et al., Language Models are Unsupervised Multitask Learners, 2019.
Family gpt2_family() {
    Family family;
    family.types = {"gpt2"};
    family.always = {{"positions", "learned"},    {"norm", "layernorm"},  {"norm_gain", "true"}, {"norm_bias", "true"},
                     {"embedding_norm", "false"}, {"final_norm", "true"}, {"bias", "true"}};
    family.numbers = {{"n_layer", "layers"},
                      {"n_embd", "width"},
                      {"n_head", "heads"},
                      {"n_positions", "context"},
                      {"n_inner", "mlp_width", "4", "n_embd"},
                      {"vocab_size", "vocabulary"},
                      {"layer_norm_epsilon", "norm_epsilon", "1e-5"},
                      {"initializer_range", "init_std", "0.02"}};
    family.flags = {{"tie_word_embeddings", "tied_head", true}};
    family.choices = {{"activation_function",
                       "activation",
                       {{"gelu_new", "gelu"}, {"gelu_pytorch_tanh", "gelu"}, {"relu", "relu"}},
                       "gelu"}};
    family.fixed = {{"scale_attn_weights", true},
                    {"scale_attn_by_inverse_layer_idx", false},
                    {"reorder_and_upcast_attn", false},
                    {"add_cross_attention", false},
                    {"is_encoder_decoder", false}};
    family.ignored = {"n_ctx",        "summary_activation", "summary_first_dropout", "summary_proj_to_labels",
                      "summary_type", "summary_use_proj"};
    return family;
}

} // namespace gradus::scenario
