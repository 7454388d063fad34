// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/naming.h"

namespace gradus::weights {

/// Class GPT2LMHeadModel of transformers. Its projections are Conv1D, which keeps weights [in, out].
Naming gpt2_naming() {
    return {"gpt2",
            [](const scenario::ModelParameters& model) {
                return model.norm == scenario::Norm::layernorm && model.positions == scenario::Positions::learned &&
                       model.norm_place == scenario::NormPlace::before &&
                       model.objective == scenario::Objective::next_token && !model.head_bias;
            },
            "transformer.",
            {{"transformer.wte.weight", {"embedding.token"}},
             {"transformer.wpe.weight", {"embedding.position"}, Form::positions},
             {"transformer.h.{}.ln_1.weight", {"layer{}.attention.norm.gain"}},
             {"transformer.h.{}.ln_1.bias", {"layer{}.attention.norm.bias"}},
             {"transformer.h.{}.attn.c_attn.weight",
              {"layer{}.attention.query", "layer{}.attention.key", "layer{}.attention.value"},
              Form::transposed},
             {"transformer.h.{}.attn.c_attn.bias",
              {"layer{}.attention.query.bias", "layer{}.attention.key.bias", "layer{}.attention.value.bias"}},
             {"transformer.h.{}.attn.c_proj.weight", {"layer{}.attention.output"}, Form::transposed},
             {"transformer.h.{}.attn.c_proj.bias", {"layer{}.attention.output.bias"}},
             {"transformer.h.{}.ln_2.weight", {"layer{}.mlp.norm.gain"}},
             {"transformer.h.{}.ln_2.bias", {"layer{}.mlp.norm.bias"}},
             {"transformer.h.{}.mlp.c_fc.weight", {"layer{}.mlp.up"}, Form::transposed},
             {"transformer.h.{}.mlp.c_fc.bias", {"layer{}.mlp.up.bias"}},
             {"transformer.h.{}.mlp.c_proj.weight", {"layer{}.mlp.down"}, Form::transposed},
             {"transformer.h.{}.mlp.c_proj.bias", {"layer{}.mlp.down.bias"}},
             {"transformer.ln_f.weight", {"final_norm.gain"}},
             {"transformer.ln_f.bias", {"final_norm.bias"}},
             {"lm_head.weight", {"head"}}},
            {{"lm_head.weight", "transformer.wte.weight"}},
            {"h.*.attn.bias", "h.*.attn.masked_bias"}}; // which positions are hidden
}

} // namespace gradus::weights
