// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/optimizer.h"

#include <cmath>
#include <string>

#include "ip/common/command.h"

namespace gradus::schedule {

Optimizer optimizer_of(const scenario::RunParameters& run) {
    if (run.optimizer == scenario::OptimizerKind::sgd) {
        const std::vector<const char*> states =
            run.momentum > 0 ? std::vector<const char*>{"m"} : std::vector<const char*>{};
        return {OP_SGD, states, {static_cast<float>(run.momentum)}};
    }
    return {OP_ADAM,
            {"m", "v"},
            {static_cast<float>(run.beta1), static_cast<float>(run.beta2), static_cast<float>(run.epsilon)}};
}

void append_update(Graph& graph, const Optimizer& optimizer) {
    for (const Parameter& parameter : graph.parameters) {
        const Tensor value = graph.tensor(parameter.value);
        std::vector<Operand> operands{parameter.value, parameter.gradient};
        for (const char* state : optimizer.states)
            operands.emplace_back(
                graph.add_tensor(state + ("." + value.name), TensorKind::moment, value.rows, value.cols));
        OperatorSettings settings{{static_cast<std::uint32_t>(value.rows), static_cast<std::uint32_t>(value.cols)}};
        settings.scalar = optimizer.scalar;
        add_node(graph, {COMMAND_PHASE_UPDATE, parameter.layer, value.name}, optimizer.kind, operands, settings);
    }
}

double learning_rate(const scenario::RunParameters& run, std::uint32_t step) {
    if (step < run.warmup_steps) return run.learning_rate * (step + 1.0) / run.warmup_steps;
    const double progress = (step - run.warmup_steps) / static_cast<double>(run.steps - run.warmup_steps);
    switch (run.rate_schedule) {
    case scenario::RateSchedule::linear:
        return run.learning_rate * (1 - progress);
    case scenario::RateSchedule::cosine:
        return run.learning_rate * 0.5 * (1 + std::cos(3.141592653589793 * progress));
    case scenario::RateSchedule::constant:
        break;
    }
    return run.learning_rate;
}

image_update update_of(const scenario::RunParameters& run, std::uint32_t step) {
    const double rate = learning_rate(run, step);
    const double t = step + 1.0;
    const bool corrected = run.optimizer == scenario::OptimizerKind::adamw;
    image_update update{};
    update.step_size = static_cast<float>(corrected ? rate / (1 - std::pow(run.beta1, t)) : rate);
    update.correction = static_cast<float>(corrected ? 1 / (1 - std::pow(run.beta2, t)) : 1);
    update.decay = static_cast<float>(rate * run.weight_decay);
    update.kept = 1.0f - update.decay;
    update.step_back = -update.step_size;
    return update;
}

} // namespace gradus::schedule
