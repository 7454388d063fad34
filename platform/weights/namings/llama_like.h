// SPDX-License-Identifier: Apache-2.0
// What Llama and the families after it have in common.
#pragma once

#include "platform/weights/naming.h"

namespace gradus::weights {

/// The names of Llama's tensors but for norms of sublayers, projections of queries, keys and values, and the MLP's
/// first: `more` has those.
Naming llama_like(const char* family, bool (*fits)(const scenario::ModelParameters& model),
                  std::vector<PublishedTensor> more);

/// Projections of their own.
std::vector<PublishedTensor> parted_projections();
/// A norm before each sublayer.
std::vector<PublishedTensor> norms_before();

/// Rotary positions, RMSNorm with gain, a gated MLP.
bool has_llama_blocks(const scenario::ModelParameters& model);
/// With norms before sublayers.
bool is_llama(const scenario::ModelParameters& model);

} // namespace gradus::weights
