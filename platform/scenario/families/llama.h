// SPDX-License-Identifier: Apache-2.0
// What Llama and the families after it have in common.
#pragma once

#include "platform/scenario/families/family.h"

namespace gradus::scenario {

/// Pre-normalization by RMSNorm with gain, rotary positions, grouped queries, a gated MLP, no biases.
Family llama_like(const char* type);

} // namespace gradus::scenario
