// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/naming.h"

namespace gradus::weights {

/// Class ViTForImageClassification of transformers.
Naming vit_naming() {
    return {"vit",
            [](const scenario::ModelParameters& model) {
                return model.objective == scenario::Objective::label && model.norm_place == scenario::NormPlace::before;
            },
            "vit.",
            {{"vit.embeddings.cls_token", {"embedding.class"}, Form::one_row},
             {"vit.embeddings.position_embeddings", {"embedding.position"}, Form::one_batch},
             {"vit.embeddings.patch_embeddings.projection.weight", {"embedding.patch"}, Form::patches},
             {"vit.embeddings.patch_embeddings.projection.bias", {"embedding.patch.bias"}},
             {"vit.encoder.layer.{}.layernorm_before.weight", {"layer{}.attention.norm.gain"}},
             {"vit.encoder.layer.{}.layernorm_before.bias", {"layer{}.attention.norm.bias"}},
             {"vit.encoder.layer.{}.attention.attention.query.weight", {"layer{}.attention.query"}},
             {"vit.encoder.layer.{}.attention.attention.query.bias", {"layer{}.attention.query.bias"}},
             {"vit.encoder.layer.{}.attention.attention.key.weight", {"layer{}.attention.key"}},
             {"vit.encoder.layer.{}.attention.attention.key.bias", {"layer{}.attention.key.bias"}},
             {"vit.encoder.layer.{}.attention.attention.value.weight", {"layer{}.attention.value"}},
             {"vit.encoder.layer.{}.attention.attention.value.bias", {"layer{}.attention.value.bias"}},
             {"vit.encoder.layer.{}.attention.output.dense.weight", {"layer{}.attention.output"}},
             {"vit.encoder.layer.{}.attention.output.dense.bias", {"layer{}.attention.output.bias"}},
             {"vit.encoder.layer.{}.layernorm_after.weight", {"layer{}.mlp.norm.gain"}},
             {"vit.encoder.layer.{}.layernorm_after.bias", {"layer{}.mlp.norm.bias"}},
             {"vit.encoder.layer.{}.intermediate.dense.weight", {"layer{}.mlp.up"}},
             {"vit.encoder.layer.{}.intermediate.dense.bias", {"layer{}.mlp.up.bias"}},
             {"vit.encoder.layer.{}.output.dense.weight", {"layer{}.mlp.down"}},
             {"vit.encoder.layer.{}.output.dense.bias", {"layer{}.mlp.down.bias"}},
             {"vit.layernorm.weight", {"final_norm.gain"}},
             {"vit.layernorm.bias", {"final_norm.bias"}},
             {"classifier.weight", {"head"}},
             {"classifier.bias", {"head.bias"}}},
            {},
            {"pooler.dense.*"}};
}

} // namespace gradus::weights
