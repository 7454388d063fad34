// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/namings/llama_like.h"

namespace gradus::weights {

/// Class Phi3ForCausalLM of transformers: Llama's parameters, some of them in one matrix.
Naming phi3_naming() {
    std::vector<PublishedTensor> more = norms_before();
    more.push_back({"model.layers.{}.self_attn.qkv_proj.weight",
                    {"layer{}.attention.query", "layer{}.attention.key", "layer{}.attention.value"}});
    more.push_back({"model.layers.{}.mlp.gate_up_proj.weight", {"layer{}.mlp.gate", "layer{}.mlp.up"}});
    return llama_like("phi3", is_llama, more);
}

} // namespace gradus::weights
