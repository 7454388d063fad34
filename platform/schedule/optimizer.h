// SPDX-License-Identifier: Apache-2.0
// How parameters are updated: by an operator, with what it keeps of each parameter from step to step and the numbers
// that every step brings.
#pragma once

#include <array>
#include <vector>

#include "platform/schedule/graph.h"

namespace gradus::schedule {

struct Optimizer {
    std::uint16_t kind = OP_ADAM;        ///< its operands: parameter, gradient, then what it keeps
    std::uint16_t mixed = OP_ADAM_MIXED; ///< the same with two more: the parameter's weight, a factor of the gradient
    std::vector<const char*> states;     ///< kept: tensors "m.<parameter>", ...
    std::array<float, 4> scalar{};       ///< the same in every step
    std::uint8_t state_format = FORMAT_FP32; ///< of matrices that are kept
    float clip = 0;                          ///< the largest norm of all gradients together; 0: there is none
    float loss_scale = 1;                    ///< which gradients are too large by
};

/// The optimizer of a run.
Optimizer optimizer_of(const scenario::ModelParameters& model, const scenario::RunParameters& run);

/// Appends one operator a parameter, and what it keeps; before them, with a norm to clip to, the sum of squares of all
/// gradients and the factor that follows from it. The factor takes the scale of the loss out of gradients, too; without
/// a norm it is a constant.
void append_update(Graph& graph, const Optimizer& optimizer);

/// Learning rate of step `step` (from 0): rises linearly over run.warmup_steps, then follows the schedule from the full
/// rate down to (but not reaching) zero at run.steps. A run may end while it still warms up.
double learning_rate(const scenario::RunParameters& run, std::uint32_t step);

/// What the image says of a step, but for its slot.
image_update update_of(const scenario::RunParameters& run, std::uint32_t step);

} // namespace gradus::schedule
