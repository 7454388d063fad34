// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/naming.h"

namespace gradus::weights {

/// Class GPT of nanochat (A. Karpathy, 2025), whose norms learn nothing.
Naming nanochat_naming() {
    return {"nanochat",
            [](const scenario::ModelParameters& model) {
                return model.positions == scenario::Positions::rope && model.norm == scenario::Norm::rmsnorm &&
                       !model.norm_gain && !model.gated_mlp && model.objective == scenario::Objective::next_token;
            },
            "",
            {{"transformer.wte.weight", {"embedding.token"}},
             {"transformer.h.{}.attn.c_q.weight", {"layer{}.attention.query"}},
             {"transformer.h.{}.attn.c_k.weight", {"layer{}.attention.key"}},
             {"transformer.h.{}.attn.c_v.weight", {"layer{}.attention.value"}},
             {"transformer.h.{}.attn.c_proj.weight", {"layer{}.attention.output"}},
             {"transformer.h.{}.mlp.c_fc.weight", {"layer{}.mlp.up"}},
             {"transformer.h.{}.mlp.c_proj.weight", {"layer{}.mlp.down"}},
             {"lm_head.weight", {"head"}}}};
}

} // namespace gradus::weights
