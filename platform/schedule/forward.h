// SPDX-License-Identifier: Apache-2.0
// The forward pass of a transformer, as scenario::ModelParameters describes it:
//
//   x = token embedding [* sqrt(width)] [+ position embedding] [+ type embedding] [, norm]
//   per layer:  x = x + f(norm(x)), x + norm(f(norm(x))) or norm(x + f(x)), for f in turn
//                   output(mix(softmax(query key^T / sqrt(head width) [, capped]), value))
//                   down(activation(up)), or down(activation(gate) * up)
//   [x = norm(x)]; [x = norm(activation(transform(x)))]; logits = head(x) [, capped]; loss = weighted cross-entropy; or
//   head and loss in one
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
/// The same of layers within a window, where theirs are others.
inline constexpr const char* local_rope_tensor = "rope.local_angles";

/// Parameters, and the forward operators of one micro-batch of `batch` sequences after the other. ScheduleError for a
/// shape that cannot be (heads not dividing the width, ...).
Graph forward_graph(const scenario::ModelParameters& model, unsigned batch, unsigned vocabulary,
                    unsigned micro_batches = 1);

/// Heads of attention on [batch * context, heads * head width] tensors: scores, softmax, mix.
struct AttentionHeads {
    std::string prefix; ///< of names: "layer0."
    std::uint16_t layer = COMMAND_NO_LAYER;
    std::uint32_t batch = 1;
    std::uint32_t context = 1;
    std::uint32_t heads = 1;
    std::uint32_t head_width = 1;
    std::uint32_t flags = 0;  ///< of the products: OP_FLAG_BF16
    std::uint32_t shared = 1; ///< heads of queries that share one of keys and values; of the fused form
    bool causal = true;
    std::uint32_t window = 0; ///< a position sees so many, with itself; 0: all up to itself
    double score_width = 0;   ///< scores are divided by its square root; 0: by that of head_width
    double score_cap = 0;     ///< 0: none
    std::uint32_t micro_batch = 0;
};
/// Appends the operators; returns what they mix, [batch * context, heads * head width].
TensorId add_attention(Graph& graph, const AttentionHeads& attention, TensorId query, TensorId key, TensorId value);

/// The same in one operator. Keys and values are [batch * context, heads / shared * head width].
TensorId add_fused_attention(Graph& graph, const AttentionHeads& attention, TensorId query, TensorId key,
                             TensorId value);

} // namespace gradus::schedule
