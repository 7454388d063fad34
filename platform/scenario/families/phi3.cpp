// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/families/llama.h"

namespace gradus::scenario {

/// Abdin et al., Phi-3 Technical Report, 2024. Its files hold query, key and value as one matrix, and gate and up as
/// another: the same parameters.
Family phi3_family() {
    Family family = llama_like("phi3");
    family.window = true;
    family.ignored = {"original_max_position_embeddings"}; // of a kind of rope_scaling that is refused
    return family;
}

} // namespace gradus::scenario
