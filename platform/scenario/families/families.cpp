// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/families/family.h"

namespace gradus::scenario {

Family bert_family();
Family gemma_family();
Family gemma2_family();
Family gemma3_family();
Family gpt2_family();
Family llama_family();
Family mistral_family();
Family phi3_family();
Family qwen2_family();
Family qwen3_family();
Family vit_family();

const std::vector<Family>& families() {
    static const std::vector<Family> all = {gpt2_family(),  llama_family(), mistral_family(), qwen2_family(),
                                            qwen3_family(), gemma_family(), gemma2_family(),  gemma3_family(),
                                            phi3_family(),  bert_family(),  vit_family()};
    return all;
}

const std::vector<const char*>& fields_without_meaning() {
    static const std::vector<const char*> fields = {
        // Of the file itself and of what else may be done with the model.
        "_name_or_path", "architectures", "auto_map", "dtype", "model_type", "task_specific_params", "torch_dtype",
        "transformers_version", "use_cache", "_attn_implementation", "_attn_implementation_autoset",
        // Of the tokenizer and of generation.
        "bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "cls_token_id", "unk_token_id", "do_sample",
        "max_length", "temperature", "top_k", "top_p", "id2label", "label2id",
        // Dropout: training here goes without.
        "attention_dropout", "attention_probs_dropout_prob", "attn_pdrop", "embd_pdrop", "hidden_dropout",
        "hidden_dropout_prob", "resid_pdrop"};
    return fields;
}

} // namespace gradus::scenario
