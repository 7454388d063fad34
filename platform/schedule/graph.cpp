// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/graph.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gradus::schedule {
namespace {

/// Keeps sums over all tensors of the largest possible model within 64 bits.
constexpr std::uint64_t tensor_limit_bytes = std::uint64_t{1} << 44;

const char* kind_name(std::uint16_t kind) {
    switch (kind) {
    case OP_EMBED:
        return "embed";
    case OP_EMBED_BACKWARD:
        return "embed_backward";
    case OP_RMSNORM:
        return "rmsnorm";
    case OP_RMSNORM_BACKWARD:
        return "rmsnorm_backward";
    case OP_MATMUL:
        return "matmul";
    case OP_SOFTMAX:
        return "softmax";
    case OP_SOFTMAX_BACKWARD:
        return "softmax_backward";
    case OP_ADD:
        return "add";
    case OP_ACTIVATION:
        return "activation";
    case OP_ACTIVATION_BACKWARD:
        return "activation_backward";
    case OP_CROSS_ENTROPY:
        return "cross_entropy";
    case OP_CROSS_ENTROPY_BACKWARD:
        return "cross_entropy_backward";
    case OP_ADAM:
        return "adam";
    case OP_COLUMN_SUM:
        return "column_sum";
    case OP_LAYERNORM:
        return "layernorm";
    case OP_COPY:
        return "copy";
    default:
        return "?";
    }
}

std::uint64_t operand_bytes(const Graph& graph, const Node& node, unsigned index) {
    const Operand& operand = node.operands[index];
    if (!operand.present()) return 0;
    const std::uint64_t rows = node.op.image.dims[0];
    if (operand.input != StepInput::none) return rows * 4;
    const std::uint64_t whole = graph.tensor(operand.tensor).bytes();
    const bool gathered_table = node.op.image.kind == OP_EMBED && index == 1;
    return gathered_table ? std::min(whole, rows * node.op.image.dims[1] * 4) : whole;
}

void count_bytes(const Graph& graph, Node& node) {
    const Roles role = roles(node.op);
    for (unsigned i = 0; i < node.operands.size(); ++i) {
        const std::uint64_t bytes = operand_bytes(graph, node, i);
        if ((role.reads >> i) & 1) node.op.bytes_read += bytes;
        if ((role.writes >> i) & 1) node.op.bytes_written += bytes;
    }
}

} // namespace

Roles roles(const Op& op) {
    Roles result;
    switch (op.image.kind) {
    case OP_EMBED:
        result = {0b1110, 0b0001};
        break;
    case OP_EMBED_BACKWARD:
        result = {0b1100, 0b0011};
        break;
    case OP_RMSNORM:
        result = {0b1010, 0b0101};
        break;
    case OP_RMSNORM_BACKWARD:
        result = {0b011110, 0b100001};
        break;
    case OP_MATMUL:
        result = {0b1110, 0b0001};
        break;
    case OP_SOFTMAX:
    case OP_ACTIVATION:
    case OP_COLUMN_SUM:
    case OP_COPY:
        result = {0b10, 0b01};
        break;
    case OP_LAYERNORM:
        result = {0b110010, 0b001101};
        break;
    case OP_SOFTMAX_BACKWARD:
    case OP_ADD:
    case OP_ACTIVATION_BACKWARD:
        result = {0b110, 0b001};
        break;
    case OP_CROSS_ENTROPY:
        result = {0b11100, 0b00011};
        break;
    case OP_CROSS_ENTROPY_BACKWARD:
        result = {0b1110, 0b0001};
        break;
    case OP_ADAM:
        result = {0b1111, 0b1101};
        break;
    default:
        break;
    }
    for (unsigned i = 0; i < op.operands.size(); ++i)
        if (op.operands[i].flags & OPERAND_ACCUMULATE) result.reads |= 1u << i;
    return result;
}

TensorId Graph::add_tensor(std::string name, TensorKind kind, std::uint64_t rows, std::uint64_t cols) {
    product32("a tensor's rows", {rows});
    product32("a tensor's row of bytes", {cols, 4});
    checked_product("a tensor", {rows, cols, 4}, tensor_limit_bytes);
    tensors.push_back({std::move(name), kind, rows, cols, 0});
    return static_cast<TensorId>(tensors.size() - 1);
}

TensorId Graph::add_parameter(const std::string& name, std::uint16_t layer, std::uint64_t rows, std::uint64_t cols) {
    // The update sees a parameter as one row, whose bytes are a 32-bit pitch.
    product32("a parameter's bytes", {rows, cols, 4});
    Parameter parameter;
    parameter.value = add_tensor(name, TensorKind::parameter, rows, cols);
    parameter.gradient = add_tensor("grad." + name, TensorKind::gradient, rows, cols);
    parameter.first_moment = add_tensor("m." + name, TensorKind::moment, rows, cols);
    parameter.second_moment = add_tensor("v." + name, TensorKind::moment, rows, cols);
    parameter.layer = layer;
    parameters.push_back(parameter);
    return parameter.value;
}

Node& add_node(Graph& graph, const Place& place, std::uint16_t kind, std::initializer_list<Operand> operands,
               std::array<std::uint32_t, 4> dims, std::uint32_t flags, float scalar) {
    if (graph.nodes.size() >= COMMAND_MAX_OPS)
        throw ScheduleError(fmt::format("the model takes more than {} operators a step", COMMAND_MAX_OPS));
    Node node;
    node.op.name = place.name;
    node.op.kind = kind_name(kind);
    node.op.shape = fmt::format("{}x{}", dims[0], dims[1]);
    image_op& image = node.op.image;
    image.kind = kind;
    image.phase = place.phase;
    image.flags = flags;
    image.layer = place.layer;
    std::copy(dims.begin(), dims.end(), image.dims);
    image.scalar[0] = scalar;
    image.outer_count = 1;
    image.inner_count = 1;
    image.operand_count = operator_operands(kind);
    node.operands.assign(operands.begin(), operands.end());
    node.operands.resize(image.operand_count);
    node.op.operands.resize(image.operand_count);
    for (unsigned i = 0; i < image.operand_count; ++i)
        node.op.operands[i].flags = node.operands[i].accumulates ? OPERAND_ACCUMULATE : 0;
    count_bytes(graph, node);
    graph.nodes.push_back(std::move(node));
    return graph.nodes.back();
}

Node& add_matmul(Graph& graph, const Place& place, Operand c, TensorId a, TensorId b, TensorId bias,
                 const MatmulShape& shape) {
    Node& node = add_node(graph, place, OP_MATMUL, {c, a, b, bias}, {shape.m, shape.n, shape.k, 0}, shape.flags);
    const Batch& batch = shape.batch;
    image_op& image = node.op.image;
    image.outer_count = batch.outer_count;
    image.inner_count = batch.inner_count;
    for (unsigned i = 0; i < 3; ++i) {
        node.op.operands[i].outer_stride = batch.outer_stride[i];
        node.op.operands[i].inner_stride = batch.inner_stride[i];
    }
    const std::uint64_t products = checked_product("a batch of products", {batch.outer_count, batch.inner_count});
    node.op.macs = checked_product("multiply-accumulates of an operator", {products, shape.m, shape.n, shape.k});
    node.op.shape = fmt::format("{}x{}x{}", shape.m, shape.n, shape.k);
    if (products > 1) node.op.shape = fmt::format("{} x {}", products, node.op.shape);
    return node;
}

std::uint64_t checked_product(const char* what, std::initializer_list<std::uint64_t> factors, std::uint64_t limit) {
    std::uint64_t product = 1;
    for (const std::uint64_t factor : factors) {
        if (factor != 0 && product > limit / factor)
            throw ScheduleError(fmt::format("{} exceeds what can be addressed ({})", what, fmt::join(factors, " x ")));
        product *= factor;
    }
    return product;
}

std::uint32_t product32(const char* what, std::initializer_list<std::uint64_t> factors) {
    return static_cast<std::uint32_t>(checked_product(what, factors, 0xffffffffu));
}

} // namespace gradus::schedule
