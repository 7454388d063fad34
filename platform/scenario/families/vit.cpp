// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/families/family.h"

namespace gradus::scenario {

/// Dosovitskiy et al., An Image is Worth 16x16 Words, 2021, with a head for labels and without a pooler.
Family vit_family() {
    Family family;
    family.types = {"vit"};
    family.always = {{"positions", "learned"}, {"norm", "layernorm"},  {"norm_gain", "true"},
                     {"norm_bias", "true"},    {"final_norm", "true"}, {"embedding_norm", "false"},
                     {"bias", "true"},         {"tied_head", "false"}, {"head_bias", "true"},
                     {"objective", "label"}};
    family.numbers = {{"num_hidden_layers", "layers"},
                      {"hidden_size", "width"},
                      {"num_attention_heads", "heads"},
                      {"intermediate_size", "mlp_width"},
                      {"layer_norm_eps", "norm_epsilon", "1e-12"},
                      {"initializer_range", "init_std", "0.02"}};
    family.choices = {{"hidden_act",
                       "activation",
                       {{"gelu", "gelu_erf"}, {"gelu_new", "gelu"}, {"gelu_pytorch_tanh", "gelu"}, {"relu", "relu"}},
                       "gelu_erf"}};
    family.fixed = {{"qkv_bias", true}};
    family.ignored = {"encoder_stride", "pooler_act", "pooler_output_size"};
    family.images = true;
    return family;
}

} // namespace gradus::scenario
