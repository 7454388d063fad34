// SPDX-License-Identifier: Apache-2.0
// How parameters are updated: by an operator, with what it keeps of each parameter from step to step and the numbers
// that every step brings.
#pragma once

#include <array>
#include <vector>

#include "platform/schedule/graph.h"

namespace gradus::schedule {

struct Optimizer {
    std::uint16_t kind = OP_ADAM;    ///< its operands: parameter, gradient, then what it keeps
    std::vector<const char*> states; ///< kept: tensors "m.<parameter>", ...
    std::array<float, 4> scalar{};   ///< the same in every step
};

/// The optimizer of a run.
Optimizer optimizer_of(const scenario::RunParameters& run);

/// Appends one operator a parameter, and what it keeps.
void append_update(Graph& graph, const Optimizer& optimizer);

/// Learning rate of step `step` (from 0): rises linearly over run.warmup_steps, then follows the schedule from the full
/// rate down to (but not reaching) zero at run.steps. A run may end while it still warms up.
double learning_rate(const scenario::RunParameters& run, std::uint32_t step);

/// What the image says of a step, but for its slot.
image_update update_of(const scenario::RunParameters& run, std::uint32_t step);

} // namespace gradus::schedule
