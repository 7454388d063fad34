// SPDX-License-Identifier: Apache-2.0
// The forward pass of a decoder-only transformer with pre-normalization:
//
//   x = token embedding + position embedding [, RMSNorm]
//   per layer:  x = x + output(mix(softmax(query key^T / sqrt(head width)), value)) of RMSNorm(x)
//               x = x + down(activation(up(RMSNorm(x))))
//   [x = RMSNorm(x)]; logits = head(x); loss = weighted cross-entropy
//
// Linear weights are stored [out, in]; y = x W^T [+ bias]. Query, key and value are [batch * context, width]; head h is
// columns [h, h + 1) * width / heads. Scores are [batch * heads * context, context].
#pragma once

#include "platform/scenario/parameters.h"
#include "platform/schedule/graph.h"

namespace gradus::schedule {

/// Parameters and forward operators. ScheduleError for a shape that cannot be (heads not dividing the width, ...).
Graph forward_graph(const scenario::ModelParameters& model, unsigned batch, unsigned vocabulary);

/// Heads of attention on [batch * context, width] tensors: scores, causal softmax, mix.
struct AttentionHeads {
    std::string prefix; ///< of names: "layer0."
    std::uint16_t layer = COMMAND_NO_LAYER;
    std::uint32_t batch = 1;
    std::uint32_t context = 1;
    std::uint32_t width = 1;
    std::uint32_t heads = 1; ///< divides the width
    std::uint32_t flags = 0; ///< of the products: OP_FLAG_BF16
};
/// Appends the operators; returns what they mix, [batch * context, width].
TensorId add_attention(Graph& graph, const AttentionHeads& attention, TensorId query, TensorId key, TensorId value);

} // namespace gradus::schedule
