// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/optimizer.h"

#include <cmath>
#include <string>

#include "ip/common/command.h"
#include "platform/schedule/formats.h"

namespace gradus::schedule {
namespace {

/// A scalar that every gradient has to be multiplied by, `most` at most.
TensorId append_clip(Graph& graph, float clip, float most) {
    const TensorId squares = graph.add_tensor("clip.squares", TensorKind::gradient, 1, 1);
    const TensorId factor = graph.add_tensor("clip.factor", TensorKind::gradient, 1, 1);
    for (const Parameter& parameter : graph.parameters) {
        const Tensor& gradient = graph.tensor(parameter.gradient);
        const OperatorSettings settings{
            {static_cast<std::uint32_t>(gradient.rows), static_cast<std::uint32_t>(gradient.cols)}};
        Operand sum = squares;
        sum.accumulates = &parameter != &graph.parameters.front();
        add_node(graph, {COMMAND_PHASE_UPDATE, parameter.layer, gradient.name + ".squares"}, OP_SQUARE_SUM,
                 {sum, parameter.gradient}, settings);
    }
    add_node(graph, {COMMAND_PHASE_UPDATE, COMMAND_NO_LAYER, "clip.factor"}, OP_CLIP, {factor, squares},
             {{1, 1}, 0, {clip, most}});
    return factor;
}

/// The same where gradients are not clipped; none when that is 1.
TensorId factor_of(Graph& graph, const Optimizer& optimizer) {
    const float unscaled = 1 / optimizer.loss_scale;
    if (optimizer.clip > 0) return append_clip(graph, optimizer.clip, unscaled);
    if (optimizer.loss_scale == 1) return no_tensor;
    const TensorId factor = graph.add_tensor("loss_scale.factor", TensorKind::constant, 1, 1);
    graph.tensors[factor].fill = unscaled;
    return factor;
}

} // namespace

Optimizer optimizer_of(const scenario::ModelParameters& model, const scenario::RunParameters& run) {
    Optimizer optimizer;
    optimizer.state_format = model.formats.moments == scenario::Format::bf16 ? FORMAT_BF16 : FORMAT_FP32;
    optimizer.clip = static_cast<float>(run.clip);
    optimizer.loss_scale = static_cast<float>(run.loss_scale);
    if (run.optimizer == scenario::OptimizerKind::sgd) {
        optimizer.kind = OP_SGD;
        optimizer.mixed = OP_SGD_MIXED;
        if (run.momentum > 0) optimizer.states = {"m"};
        optimizer.scalar = {static_cast<float>(run.momentum)};
    } else {
        optimizer.states = {"m", "v"};
        optimizer.scalar = {static_cast<float>(run.beta1), static_cast<float>(run.beta2),
                            static_cast<float>(run.epsilon)};
    }
    return optimizer;
}

void append_update(Graph& graph, const Optimizer& optimizer) {
    const TensorId factor = factor_of(graph, optimizer);
    for (const Parameter& parameter : graph.parameters) {
        const Tensor value = graph.tensor(parameter.value);
        std::vector<Operand> operands{parameter.value, parameter.gradient};
        for (const char* state : optimizer.states) {
            const TensorId id =
                graph.add_tensor(state + ("." + value.name), TensorKind::moment, value.rows, value.cols);
            if (is_matrix(value)) graph.tensors[id].format = optimizer.state_format;
            operands.emplace_back(id);
        }
        std::uint16_t kind = optimizer.kind;
        if (parameter.weight != no_tensor || factor != no_tensor) {
            operands.resize(operator_operands(kind));
            operands.insert(operands.end(), {parameter.weight, factor});
            kind = optimizer.mixed;
        }
        OperatorSettings settings{{static_cast<std::uint32_t>(value.rows), static_cast<std::uint32_t>(value.cols)}};
        settings.scalar = optimizer.scalar;
        add_node(graph, {COMMAND_PHASE_UPDATE, parameter.layer, value.name}, kind, operands, settings);
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
