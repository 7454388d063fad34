// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/derivation.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "ip/common/command.h"
#include "platform/schedule/ops/definition.h"

namespace gradus::schedule {

Gradients::Gradients(Graph& graph) : graph_(graph), entries_(graph.tensors.size()) {
    for (const Parameter& parameter : graph.parameters)
        entries_[parameter.value].gradient = parameter.gradient;
}

Gradients::Entry& Gradients::entry(TensorId value) { return entries_.at(value); }

bool Gradients::has(TensorId value) const { return value < entries_.size() && entries_[value].begun; }

TensorId Gradients::of(TensorId value) const {
    if (!has(value)) throw std::logic_error("no gradient has reached " + graph_.tensor(value).name);
    return entries_[value].gradient;
}

void Gradients::set(TensorId value, TensorId gradient) {
    entry(value) = {gradient, true};
    users_.resize(std::max<std::size_t>(users_.size(), gradient + std::size_t{1}));
    ++users_[gradient];
}

TensorId Gradients::new_gradient(TensorId value) {
    const Tensor like = graph_.tensor(value);
    return graph_.add_tensor("grad." + like.name, TensorKind::activation_gradient, like.rows, like.cols);
}

Gradients::Target Gradients::next_share(TensorId value, bool can_accumulate) {
    const Entry before = entry(value);
    if (!before.begun) {
        set(value, before.gradient == no_tensor ? new_gradient(value) : before.gradient);
        return {entry(value).gradient, false, {}};
    }
    if (users_[before.gradient] == 1) {
        if (can_accumulate) return {before.gradient, true, {}};
        const TensorId share = new_gradient(value);
        return {share, false, {before.gradient, before.gradient, share}};
    }
    // Somebody else reads what is there.
    --users_[before.gradient];
    set(value, new_gradient(value));
    return {entry(value).gradient, false, {entry(value).gradient, entry(value).gradient, before.gradient}};
}

Gradients::Sum Gradients::pass_on(TensorId value, TensorId sum) {
    const TensorId passed = of(sum);
    const Entry before = entry(value);
    if (!before.begun && before.gradient == no_tensor) {
        set(value, passed);
        return {};
    }
    if (!before.begun) { // a parameter's has a place of its own
        set(value, before.gradient);
        return {before.gradient, passed, no_tensor};
    }
    if (users_[before.gradient] == 1) return {before.gradient, before.gradient, passed};
    --users_[before.gradient];
    set(value, new_gradient(value));
    return {entry(value).gradient, before.gradient, passed};
}

void Gradients::release(TensorId value) {
    if (has(value)) --users_[of(value)];
}

Derivation::Derivation(Graph& graph, Gradients& gradients, std::size_t forward)
    : graph_(graph), gradients_(gradients), forward_(graph.nodes[forward]) {}

bool Derivation::is_parameter(unsigned index) const {
    const TensorId id = operand(index).tensor;
    return id != no_tensor && graph_.tensor(id).kind == TensorKind::parameter;
}

OperatorSettings Derivation::settings() const {
    const image_op& op = forward_.op.image;
    OperatorSettings settings;
    std::copy_n(op.dims, settings.dims.size(), settings.dims.begin());
    settings.flags = op.flags;
    std::copy_n(op.scalar, settings.scalar.size(), settings.scalar.begin());
    return settings;
}

Batch Derivation::batch(std::initializer_list<unsigned> operands) const {
    Batch batch;
    batch.outer_count = forward_.op.image.outer_count;
    batch.inner_count = forward_.op.image.inner_count;
    for (const unsigned index : operands) {
        const image_operand& operand = forward_.op.operands[index];
        batch.strides.push_back({operand.outer_stride, operand.inner_stride});
    }
    return batch;
}

Operand Derivation::gradient() const { return gradients_.of(operand(0).tensor); }

Derivation::Argument Derivation::share_of(unsigned index) const {
    Argument argument = Operand();
    argument.share_of = operand(index).tensor;
    return argument;
}

Place Derivation::place(const std::string& suffix) const {
    return {COMMAND_PHASE_BACKWARD, forward_.op.image.layer, forward_.op.name + suffix, forward_.micro_batch};
}

void Derivation::append(std::uint16_t kind, const std::vector<Argument>& arguments, const OperatorSettings& settings,
                        const char* suffix) {
    std::vector<Operand> operands;
    std::vector<Gradients::Sum> sums;
    for (const Argument& argument : arguments) {
        const auto index = static_cast<unsigned>(operands.size());
        operands.push_back(argument.operand);
        if (argument.share_of == no_tensor) continue;
        const Gradients::Target target = gradients_.next_share(argument.share_of, accumulates(kind, index));
        operands.back() = target.share;
        operands.back().accumulates = target.accumulates;
        sums.push_back(target.then);
    }
    add_node(graph_, place(suffix), kind, operands, settings);
    for (const Gradients::Sum& sum : sums)
        append_sum(sum);
}

void Derivation::append_sum(const Gradients::Sum& sum) {
    if (sum.gradient == no_tensor) return;
    const Tensor& like = graph_.tensor(sum.gradient);
    const OperatorSettings settings{{static_cast<std::uint32_t>(like.rows), static_cast<std::uint32_t>(like.cols)}};
    if (sum.b == no_tensor)
        add_node(graph_, place(".sum"), OP_COPY, {sum.gradient, sum.a}, settings);
    else
        add_node(graph_, place(".sum"), OP_ADD, {sum.gradient, sum.a, sum.b}, settings);
}

void Derivation::pass_on(unsigned index) { append_sum(gradients_.pass_on(operand(index).tensor, operand(0).tensor)); }

namespace {

/// The operators from number `first` on.
void differentiate(Graph& graph, Gradients& gradients, std::size_t first) {
    for (std::size_t i = graph.nodes.size(); i-- > first;) {
        const TensorId result = graph.nodes[i].operands[0].tensor;
        const OperatorDefinition& definition = definition_of(graph.nodes[i].op.image.kind);
        if (!definition.is_loss && !gradients.has(result)) continue; // the loss does not depend on it
        if (!definition.differentiate) throw std::logic_error("no derivative for " + graph.nodes[i].op.kind);
        Derivation derivation(graph, gradients, i);
        definition.differentiate(derivation);
        gradients.release(result);
    }
}

} // namespace

void append_backward(Graph& graph) {
    std::vector<Node> forward = std::exchange(graph.nodes, {});
    Gradients gradients(graph);
    for (auto begin = forward.begin(); begin != forward.end();) {
        const auto end = std::find_if(begin, forward.end(),
                                      [&](const Node& node) { return node.micro_batch != begin->micro_batch; });
        const std::size_t first = graph.nodes.size();
        std::copy(begin, end, std::back_inserter(graph.nodes));
        differentiate(graph, gradients, first);
        begin = end;
    }
    for (const Parameter& parameter : graph.parameters)
        if (!gradients.has(parameter.value))
            throw std::logic_error("no gradient has reached " + graph.tensor(parameter.value).name);
}

void scale_gradients(Graph& graph) {
    for (Node& node : graph.nodes)
        for (Operand& operand : node.operands)
            if (node.op.image.phase == COMMAND_PHASE_BACKWARD && operand.input == StepInput::weights)
                operand.input = StepInput::scaled_weights;
}

} // namespace gradus::schedule
