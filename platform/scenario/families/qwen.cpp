// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/families/llama.h"

namespace gradus::scenario {

/// Qwen Team, Qwen2 Technical Report, 2024: biases on query, key and value.
Family qwen2_family() {
    Family family = llama_like("qwen2");
    family.always.emplace_back("qkv_bias", "true");
    family.window = true;
    return family;
}

/// Qwen Team, Qwen3 Technical Report, 2025: no biases, and a norm for each head of queries and keys.
Family qwen3_family() {
    Family family = llama_like("qwen3");
    family.always.emplace_back("qk_norm", "before_rope");
    family.window = true;
    return family;
}

} // namespace gradus::scenario
