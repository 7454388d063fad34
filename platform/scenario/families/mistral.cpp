// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/families/llama.h"

namespace gradus::scenario {

/// Jiang et al., Mistral 7B, 2023.
Family mistral_family() {
    Family family = llama_like("mistral");
    family.window = true;
    return family;
}

} // namespace gradus::scenario
