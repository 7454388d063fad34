// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/namings/llama_like.h"

namespace gradus::weights {

/// Classes Gemma2ForCausalLM and Gemma3ForCausalLM of transformers: what Llama calls the norm after attention is one
/// here, and that before the MLP has another name.
Naming gemma_naming() {
    std::vector<PublishedTensor> more = parted_projections();
    more.insert(more.end(), {{"model.layers.{}.input_layernorm.weight", {"layer{}.attention.norm.gain"}},
                             {"model.layers.{}.post_attention_layernorm.weight", {"layer{}.attention.post_norm.gain"}},
                             {"model.layers.{}.pre_feedforward_layernorm.weight", {"layer{}.mlp.norm.gain"}},
                             {"model.layers.{}.post_feedforward_layernorm.weight", {"layer{}.mlp.post_norm.gain"}}});
    return llama_like(
        "gemma",
        [](const scenario::ModelParameters& model) {
            return has_llama_blocks(model) && model.norm_place == scenario::NormPlace::around;
        },
        more);
}

} // namespace gradus::weights
