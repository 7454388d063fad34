// SPDX-License-Identifier: Apache-2.0
// Reverse-mode differentiation by operator: walks the forward operators backwards and appends what turns the gradient
// of each one's result into gradients of its operands (Griewank and Walther, Evaluating Derivatives, 2008, chapter 3).
//
// Both sides of a residual sum share the gradient of the sum; what else flows into the residual stream is accumulated
// in place (OP_FLAG_ACCUMULATE), after the other side has read it.
#pragma once

#include "platform/schedule/graph.h"

namespace gradus::schedule {

/// Appends the backward operators of the forward operators in `graph`. Every parameter's gradient is overwritten, never
/// added to: it needs no clearing between steps.
void append_backward(Graph& graph);

/// Appends one OP_ADAM a parameter.
void append_update(Graph& graph, float beta1, float beta2, float epsilon);

} // namespace gradus::schedule
