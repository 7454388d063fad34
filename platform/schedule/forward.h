// SPDX-License-Identifier: Apache-2.0
// The forward pass of a decoder-only transformer with pre-normalization, as scenario::ModelParameters describes it:
//
//   x = token embedding [+ position embedding] [, norm]
//   per layer:  x = x + output(mix(softmax(query key^T / sqrt(head width)), value)) of norm(x)
//               x = x + down(activation(up(norm(x)))), or down(activation(gate(norm(x))) * up(norm(x)))
//   [x = norm(x)]; logits = head(x) [, capped]; loss = weighted cross-entropy; or both in one
//
// Linear weights are stored [out, in]; y = x W^T [+ bias]. Queries are [batch * context, heads * head width]; head h is
// columns [h, h + 1) * head width. So are keys and values, with fewer heads maybe. Fused attention reads them as they
// are; the plain chain repeats each head for all heads of queries that share it, and has scores [batch * heads *
// context, context].
#pragma once

#include "platform/scenario/parameters.h"
#include "platform/schedule/graph.h"

namespace gradus::schedule {

/// The constant that rotary positions are turned by, see rope_angles.h.
inline constexpr const char* rope_tensor = "rope.angles";

/// Parameters and forward operators. ScheduleError for a shape that cannot be (heads not dividing the width, ...).
Graph forward_graph(const scenario::ModelParameters& model, unsigned batch, unsigned vocabulary);

/// Heads of attention on [batch * context, heads * head width] tensors: scores, causal softmax, mix.
struct AttentionHeads {
    std::string prefix; ///< of names: "layer0."
    std::uint16_t layer = COMMAND_NO_LAYER;
    std::uint32_t batch = 1;
    std::uint32_t context = 1;
    std::uint32_t heads = 1;
    std::uint32_t head_width = 1;
    std::uint32_t flags = 0; ///< of the products: OP_FLAG_BF16
};
/// Appends the operators; returns what they mix, [batch * context, heads * head width].
TensorId add_attention(Graph& graph, const AttentionHeads& attention, TensorId query, TensorId key, TensorId value);

} // namespace gradus::schedule
