// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/naming.h"

namespace gradus::weights {

Naming bert_naming();
Naming gemma_naming();
Naming gpt2_naming();
Naming llama_naming();
Naming nanochat_naming();
Naming phi3_naming();
Naming vit_naming();

const std::vector<Naming>& namings() {
    static const std::vector<Naming> all = {gpt2_naming(), llama_naming(), gemma_naming(),   phi3_naming(),
                                            bert_naming(), vit_naming(),   nanochat_naming()};
    return all;
}

} // namespace gradus::weights
