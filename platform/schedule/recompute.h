// SPDX-License-Identifier: Apache-2.0
// Activation recomputation: values that the backward pass reads are not kept from the forward pass, but computed once
// more shortly before they are needed, by the same operators on the same operands, and so with the same bits.
//
//   whole     Of a layer nothing is kept but what other layers read, the residual stream at its beginning: Chen, Xu,
//             Zhang and Guestrin, Training deep nets with sublinear memory cost, 2016, section 4.
//   in part   What is large and cheap to compute is not kept: norms, activations of the MLP, probabilities and, where
//             they are larger than queries and keys, scores of attention (Korthikanti et al., Reducing activation
//             recomputation in large transformer models, 2022, section 5). Products with weights are never repeated.
//
// Only operators whose results the backward pass reads run again. They belong to the backward phase, and have ".again"
// behind their names.
#pragma once

#include <string>

#include "platform/schedule/graph.h"

namespace gradus::schedule {

/// What model.recompute stands for. Throws std::logic_error for `fit`, which is more than one.
RecomputedLayers recomputed_layers(const scenario::ModelParameters& model);

/// The n-th of all choices for a model of so many layers, from none at all (0) over more and more layers in part to
/// more and more layers whole (2 * layers).
RecomputedLayers recomputed_layers(unsigned layers, unsigned n);

/// Of a graph with its backward operators and formats.
void recompute(Graph& graph, const RecomputedLayers& layers);

/// "layers 0 to 3 whole, 4 to 11 in part"; empty if there are none.
std::string described(const RecomputedLayers& layers);

} // namespace gradus::schedule
