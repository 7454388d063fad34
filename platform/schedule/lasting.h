// SPDX-License-Identifier: Apache-2.0
// Which tensors can still be read when a step is over. Activations share memory when their lifetimes do not overlap:
// what was written into a tensor may have made room for another one since.
#pragma once

#include "platform/schedule/graph.h"

namespace gradus::schedule {

/// Sets Tensor::lasts of tensors that have their addresses.
void mark_lasting(Graph& graph);

} // namespace gradus::schedule
