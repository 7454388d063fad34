// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/backward.h"

#include <algorithm>
#include <stdexcept>

#include "ip/common/command.h"

namespace gradus::schedule {
namespace {

/// Which tensor holds the gradient of which value, and how many values still need what it holds.
class Gradients {
public:
    explicit Gradients(Graph& graph) : graph_(graph), gradient_of_(graph.tensors.size(), no_tensor) {
        for (const Parameter& parameter : graph.parameters)
            parameter_gradient_of(parameter);
    }

    TensorId of(TensorId value) const {
        if (gradient_of_[value] == no_tensor)
            throw std::logic_error("no gradient has reached " + graph_.tensor(value).name);
        return gradient_of_[value];
    }

    /// Where the next contribution to a value's gradient goes: overwrites at first, then accumulates.
    Operand contribution(TensorId value) {
        TensorId& gradient = gradient_of_[value];
        if (gradient == no_tensor) {
            const Tensor like = graph_.tensor(value);
            gradient = graph_.add_tensor("grad." + like.name, TensorKind::activation_gradient, like.rows, like.cols);
            set_users(gradient, 1);
            return gradient;
        }
        if (users_[gradient] != 1)
            throw std::logic_error(graph_.tensor(gradient).name + " would change before its last reader");
        Operand sum(gradient);
        sum.accumulates = true;
        return sum;
    }

    /// The gradient of a parameter, which has exactly one contribution.
    TensorId parameter(TensorId value) const { return gradient_of_[value]; }

    /// `value` has the gradient of `sum`, and nothing else so far.
    void share(TensorId value, TensorId sum) {
        if (gradient_of_[value] != no_tensor)
            throw std::logic_error(graph_.tensor(value).name + " is used after its residual sum");
        gradient_of_[value] = of(sum);
        ++users_[of(sum)];
    }

    /// The operator that made `value` has been walked: its gradient is needed no more on its behalf.
    void release(TensorId value) { --users_[of(value)]; }

private:
    void parameter_gradient_of(const Parameter& parameter) {
        gradient_of_[parameter.value] = parameter.gradient;
        set_users(parameter.gradient, 1);
    }
    void set_users(TensorId gradient, int count) {
        users_.resize(std::max<std::size_t>(users_.size(), gradient + std::size_t{1}));
        users_[gradient] = count;
    }

    Graph& graph_;
    std::vector<TensorId> gradient_of_; ///< by value
    std::vector<int> users_;            ///< by gradient
};

class BackwardBuilder {
public:
    explicit BackwardBuilder(Graph& graph) : graph_(graph), gradients_(graph) {}

    void build() {
        const std::size_t forward_count = graph_.nodes.size();
        for (std::size_t i = forward_count; i-- > 0;) {
            const Node node = graph_.nodes[i]; // a copy: appending moves the nodes
            differentiate(node);
            if (node.op.image.kind != OP_CROSS_ENTROPY) gradients_.release(node.operands[0].tensor);
        }
    }

private:
    void differentiate(const Node& node) {
        switch (node.op.image.kind) {
        case OP_EMBED:
            return embed(node);
        case OP_RMSNORM:
            return rmsnorm(node);
        case OP_MATMUL:
            return matmul(node);
        case OP_SOFTMAX:
            return softmax(node);
        case OP_ADD:
            return add(node);
        case OP_ACTIVATION:
            return activation(node);
        case OP_CROSS_ENTROPY:
            return cross_entropy(node);
        default:
            throw std::logic_error("no derivative for " + node.op.kind);
        }
    }

    static Place place(const Node& node, const char* suffix = "") {
        return {COMMAND_PHASE_BACKWARD, node.op.image.layer, node.op.name + suffix};
    }
    static std::array<std::uint32_t, 4> dims(const Node& node) {
        const auto& from = node.op.image.dims;
        return {from[0], from[1], from[2], from[3]};
    }
    TensorId gradient_of_result(const Node& node) const { return gradients_.of(node.operands[0].tensor); }

    void cross_entropy(const Node& node) {
        const Operand gradient = gradients_.contribution(node.operands[2].tensor);
        add_node(graph_, place(node), OP_CROSS_ENTROPY_BACKWARD,
                 {gradient, node.operands[0], StepInput::targets, StepInput::weights}, dims(node));
    }

    void embed(const Node& node) {
        add_node(graph_, place(node), OP_EMBED_BACKWARD,
                 {gradients_.parameter(node.operands[1].tensor), gradients_.parameter(node.operands[2].tensor),
                  gradient_of_result(node), StepInput::tokens},
                 dims(node));
    }

    void rmsnorm(const Node& node) {
        const TensorId dy = gradient_of_result(node);
        const TensorId x = node.operands[1].tensor;
        const TensorId gain = node.operands[3].tensor;
        const TensorId dgain = gain == no_tensor ? no_tensor : gradients_.parameter(gain);
        const Operand dx = gradients_.contribution(x);
        add_node(graph_, place(node), OP_RMSNORM_BACKWARD, {dx, dy, x, node.operands[2], gain, dgain}, dims(node));
    }

    void softmax(const Node& node) {
        const TensorId dy = gradient_of_result(node);
        const Operand dx = gradients_.contribution(node.operands[1].tensor);
        add_node(graph_, place(node), OP_SOFTMAX_BACKWARD, {dx, dy, node.operands[0]}, dims(node), 0,
                 node.op.image.scalar[0]);
    }

    void activation(const Node& node) {
        const TensorId dy = gradient_of_result(node);
        const TensorId x = node.operands[1].tensor;
        const Operand dx = gradients_.contribution(x);
        add_node(graph_, place(node), OP_ACTIVATION_BACKWARD, {dx, dy, x}, dims(node));
    }

    void add(const Node& node) {
        gradients_.share(node.operands[1].tensor, node.operands[0].tensor);
        gradients_.share(node.operands[2].tensor, node.operands[0].tensor);
    }

    bool is_parameter(TensorId id) const { return graph_.tensor(id).kind == TensorKind::parameter; }

    /// C = A op(B), A never transposed: dA = dC op(B)^T; dB = A^T dC, or dC^T A when B is stored transposed.
    void matmul(const Node& node) {
        const TensorId dc = gradient_of_result(node);
        const TensorId a = node.operands[1].tensor;
        const TensorId b = node.operands[2].tensor;
        const TensorId bias = node.operands[3].tensor;
        const bool linear = is_parameter(b);
        gradient_of_a(node, dc, a, b, linear ? ".input" : ".left");
        gradient_of_b(node, dc, a, b, linear ? ".weight" : ".right");
        if (bias != no_tensor)
            add_node(graph_, place(node, ".bias"), OP_COLUMN_SUM, {gradients_.parameter(bias), dc},
                     {node.op.image.dims[0], node.op.image.dims[1], 0, 0});
    }

    /// Operands of a derived product, as positions in the forward one: 0 for dC (and C's strides), 1 for A, 2 for B.
    static Batch rearranged(const Op& forward, unsigned c, unsigned a, unsigned b) {
        const std::vector<image_operand>& of = forward.operands;
        return {forward.image.outer_count,
                forward.image.inner_count,
                {of[c].outer_stride, of[a].outer_stride, of[b].outer_stride},
                {of[c].inner_stride, of[a].inner_stride, of[b].inner_stride}};
    }

    void gradient_of_a(const Node& node, TensorId dc, TensorId a, TensorId b, const char* suffix) {
        const image_op& forward = node.op.image;
        const auto [m, n, k] = std::array{forward.dims[0], forward.dims[1], forward.dims[2]};
        const bool transposed_b = forward.flags & OP_FLAG_TRANSPOSE_B;
        const Operand da = gradients_.contribution(a);
        const std::uint32_t flags = (forward.flags & OP_FLAG_BF16) | (transposed_b ? 0u : OP_FLAG_TRANSPOSE_B);
        add_matmul(graph_, place(node, suffix), da, dc, b, no_tensor, {m, k, n, flags, rearranged(node.op, 1, 0, 2)});
    }

    void gradient_of_b(const Node& node, TensorId dc, TensorId a, TensorId b, const char* suffix) {
        const image_op& forward = node.op.image;
        const auto [m, n, k] = std::array{forward.dims[0], forward.dims[1], forward.dims[2]};
        const Operand db = is_parameter(b) ? Operand(gradients_.parameter(b)) : gradients_.contribution(b);
        const std::uint32_t flags = (forward.flags & OP_FLAG_BF16) | OP_FLAG_TRANSPOSE_A;
        if (forward.flags & OP_FLAG_TRANSPOSE_B)
            add_matmul(graph_, place(node, suffix), db, dc, a, no_tensor,
                       {n, k, m, flags, rearranged(node.op, 2, 0, 1)});
        else
            add_matmul(graph_, place(node, suffix), db, a, dc, no_tensor,
                       {k, n, m, flags, rearranged(node.op, 2, 1, 0)});
    }

    Graph& graph_;
    Gradients gradients_;
};

} // namespace

void append_backward(Graph& graph) { BackwardBuilder(graph).build(); }

void append_update(Graph& graph, float beta1, float beta2, float epsilon) {
    const std::vector<Parameter> parameters = graph.parameters;
    for (const Parameter& parameter : parameters) {
        const Tensor& value = graph.tensor(parameter.value);
        const auto elements = static_cast<std::uint32_t>(value.rows * value.cols);
        Node& node = add_node(graph, {COMMAND_PHASE_UPDATE, parameter.layer, value.name}, OP_ADAM,
                              {parameter.value, parameter.gradient, parameter.first_moment, parameter.second_moment},
                              {1, elements, 0, 0}, 0, beta1);
        node.op.image.scalar[1] = beta2;
        node.op.image.scalar[2] = epsilon;
    }
}

} // namespace gradus::schedule
