// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/namings/llama_like.h"

namespace gradus::weights {

Naming llama_like(const char* family, bool (*fits)(const scenario::ModelParameters& model),
                  std::vector<PublishedTensor> more) {
    Naming naming{family,
                  fits,
                  "model.",
                  {{"model.embed_tokens.weight", {"embedding.token"}},
                   {"model.layers.{}.self_attn.q_norm.weight", {"layer{}.attention.query.norm.gain"}},
                   {"model.layers.{}.self_attn.k_norm.weight", {"layer{}.attention.key.norm.gain"}},
                   {"model.layers.{}.self_attn.o_proj.weight", {"layer{}.attention.output"}},
                   {"model.layers.{}.self_attn.o_proj.bias", {"layer{}.attention.output.bias"}},
                   {"model.layers.{}.mlp.down_proj.weight", {"layer{}.mlp.down"}},
                   {"model.layers.{}.mlp.down_proj.bias", {"layer{}.mlp.down.bias"}},
                   {"model.norm.weight", {"final_norm.gain"}},
                   {"lm_head.weight", {"head"}}},
                  {{"lm_head.weight", "model.embed_tokens.weight"}},
                  {"layers.*.self_attn.rotary_emb.inv_freq"}};
    naming.tensors.insert(naming.tensors.end(), more.begin(), more.end());
    return naming;
}

std::vector<PublishedTensor> parted_projections() {
    return {{"model.layers.{}.self_attn.q_proj.weight", {"layer{}.attention.query"}},
            {"model.layers.{}.self_attn.q_proj.bias", {"layer{}.attention.query.bias"}},
            {"model.layers.{}.self_attn.k_proj.weight", {"layer{}.attention.key"}},
            {"model.layers.{}.self_attn.k_proj.bias", {"layer{}.attention.key.bias"}},
            {"model.layers.{}.self_attn.v_proj.weight", {"layer{}.attention.value"}},
            {"model.layers.{}.self_attn.v_proj.bias", {"layer{}.attention.value.bias"}},
            {"model.layers.{}.mlp.gate_proj.weight", {"layer{}.mlp.gate"}},
            {"model.layers.{}.mlp.gate_proj.bias", {"layer{}.mlp.gate.bias"}},
            {"model.layers.{}.mlp.up_proj.weight", {"layer{}.mlp.up"}},
            {"model.layers.{}.mlp.up_proj.bias", {"layer{}.mlp.up.bias"}}};
}

std::vector<PublishedTensor> norms_before() {
    return {{"model.layers.{}.input_layernorm.weight", {"layer{}.attention.norm.gain"}},
            {"model.layers.{}.post_attention_layernorm.weight", {"layer{}.mlp.norm.gain"}}};
}

bool has_llama_blocks(const scenario::ModelParameters& model) {
    return model.positions == scenario::Positions::rope && model.norm == scenario::Norm::rmsnorm && model.norm_gain &&
           model.gated_mlp && model.objective == scenario::Objective::next_token;
}

bool is_llama(const scenario::ModelParameters& model) {
    return has_llama_blocks(model) && model.norm_place == scenario::NormPlace::before;
}

/// Classes LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM and GemmaForCausalLM of
/// transformers.
Naming llama_naming() {
    std::vector<PublishedTensor> more = parted_projections();
    const std::vector<PublishedTensor> norms = norms_before();
    more.insert(more.end(), norms.begin(), norms.end());
    return llama_like("llama", is_llama, more);
}

} // namespace gradus::weights
