// SPDX-License-Identifier: Apache-2.0
// What follows a product becomes a part of it, so that it is done with tiles in the scratchpad:
//
//   t = A B, y = x + t                 y = A B + x           where nobody else reads t
//   t = A B, y = f(t)                  t = A B, y = f(t)     t is read again by the gradient
//   t = A B, dx = f'(x) t              dx = f'(x) (A B)      where nobody else reads t
//
// Of the two, either both run again for the backward pass or none does: so what runs again has the same bits.
// The operators are those of OP_MATMUL_FUSED. A fused one stands where the product stood, and has its name.
#pragma once

#include "platform/schedule/graph.h"

namespace gradus::schedule {

/// Of a graph with its backward pass, and with what of that runs again.
void fuse_products(Graph& graph);

} // namespace gradus::schedule
