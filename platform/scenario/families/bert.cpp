// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/families/family.h"

namespace gradus::scenario {

/// Devlin et al., BERT, 2019, as it is pre-trained on masked tokens: with the transform before the head and its bias,
/// without the pooler, which is for the other task.
Family bert_family() {
    Family family;
    family.types = {"bert"};
    family.always = {
        {"positions", "learned"},   {"norm", "layernorm"},      {"norm_place", "after"},      {"norm_gain", "true"},
        {"norm_bias", "true"},      {"embedding_norm", "true"}, {"final_norm", "false"},      {"bias", "true"},
        {"head_transform", "true"}, {"head_bias", "true"},      {"objective", "masked_token"}};
    family.numbers = {{"num_hidden_layers", "layers"},          {"hidden_size", "width"},
                      {"num_attention_heads", "heads"},         {"max_position_embeddings", "context"},
                      {"intermediate_size", "mlp_width"},       {"vocab_size", "vocabulary"},
                      {"type_vocab_size", "token_types", "2"},  {"layer_norm_eps", "norm_epsilon", "1e-12"},
                      {"initializer_range", "init_std", "0.02"}};
    family.flags = {{"tie_word_embeddings", "tied_head", true}};
    family.choices = {{"hidden_act",
                       "activation",
                       {{"gelu", "gelu_erf"}, {"gelu_new", "gelu"}, {"gelu_pytorch_tanh", "gelu"}, {"relu", "relu"}},
                       "gelu_erf"}};
    family.fixed = {{"position_embedding_type", "absolute"}, {"is_decoder", false}, {"add_cross_attention", false}};
    family.ignored = {"classifier_dropout",     "chunk_size_feed_forward", "directionality",
                      "gradient_checkpointing", "pooler_fc_size",          "pooler_num_attention_heads",
                      "pooler_num_fc_layers",   "pooler_size_per_head",    "pooler_type"};
    return family;
}

} // namespace gradus::scenario
