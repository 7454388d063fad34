// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/naming.h"

namespace gradus::weights {

/// Class BertForMaskedLM of transformers, and BertForPreTraining, whose other task is left out. Files of 2018 call the
/// gains and biases of norms gamma and beta.
Naming bert_naming() {
    return {"bert",
            [](const scenario::ModelParameters& model) {
                return model.objective == scenario::Objective::masked_token &&
                       model.norm_place == scenario::NormPlace::after;
            },
            "bert.",
            {{"bert.embeddings.word_embeddings.weight", {"embedding.token"}},
             {"bert.embeddings.position_embeddings.weight", {"embedding.position"}, Form::positions},
             {"bert.embeddings.token_type_embeddings.weight", {"embedding.type"}},
             {"bert.embeddings.LayerNorm.weight", {"embedding.norm.gain"}},
             {"bert.embeddings.LayerNorm.bias", {"embedding.norm.bias"}},
             {"bert.encoder.layer.{}.attention.self.query.weight", {"layer{}.attention.query"}},
             {"bert.encoder.layer.{}.attention.self.query.bias", {"layer{}.attention.query.bias"}},
             {"bert.encoder.layer.{}.attention.self.key.weight", {"layer{}.attention.key"}},
             {"bert.encoder.layer.{}.attention.self.key.bias", {"layer{}.attention.key.bias"}},
             {"bert.encoder.layer.{}.attention.self.value.weight", {"layer{}.attention.value"}},
             {"bert.encoder.layer.{}.attention.self.value.bias", {"layer{}.attention.value.bias"}},
             {"bert.encoder.layer.{}.attention.output.dense.weight", {"layer{}.attention.output"}},
             {"bert.encoder.layer.{}.attention.output.dense.bias", {"layer{}.attention.output.bias"}},
             {"bert.encoder.layer.{}.attention.output.LayerNorm.weight", {"layer{}.attention.norm.gain"}},
             {"bert.encoder.layer.{}.attention.output.LayerNorm.bias", {"layer{}.attention.norm.bias"}},
             {"bert.encoder.layer.{}.intermediate.dense.weight", {"layer{}.mlp.up"}},
             {"bert.encoder.layer.{}.intermediate.dense.bias", {"layer{}.mlp.up.bias"}},
             {"bert.encoder.layer.{}.output.dense.weight", {"layer{}.mlp.down"}},
             {"bert.encoder.layer.{}.output.dense.bias", {"layer{}.mlp.down.bias"}},
             {"bert.encoder.layer.{}.output.LayerNorm.weight", {"layer{}.mlp.norm.gain"}},
             {"bert.encoder.layer.{}.output.LayerNorm.bias", {"layer{}.mlp.norm.bias"}},
             {"cls.predictions.transform.dense.weight", {"head.transform"}},
             {"cls.predictions.transform.dense.bias", {"head.transform.bias"}},
             {"cls.predictions.transform.LayerNorm.weight", {"head.norm.gain"}},
             {"cls.predictions.transform.LayerNorm.bias", {"head.norm.bias"}},
             {"cls.predictions.bias", {"head.bias"}},
             {"cls.predictions.decoder.weight", {"head"}}},
            {{"cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"},
             {"cls.predictions.decoder.bias", "cls.predictions.bias"}},
            {"embeddings.position_ids", "pooler.dense.*", "cls.seq_relationship.*"},
            {{".LayerNorm.gamma", ".LayerNorm.weight"}, {".LayerNorm.beta", ".LayerNorm.bias"}}};
}

} // namespace gradus::weights
