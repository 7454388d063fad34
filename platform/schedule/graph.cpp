// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/graph.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "platform/schedule/ops/definition.h"

namespace gradus::schedule {
namespace {

/// Keeps sums over all tensors of the largest possible model within 64 bits.
constexpr std::uint64_t tensor_limit_bytes = std::uint64_t{1} << 44;

std::uint64_t operand_bytes(const Graph& graph, const Node& node, unsigned index) {
    const Operand& operand = node.operands[index];
    const image_op& op = node.op.image;
    if (!operand.present()) return 0;
    const OperandDefinition& defined = definition_of(op.kind).operands[index];
    if (operand.input != StepInput::none) return defined.extent(op).rows * defined.extent(op).cols * 4;
    const std::uint64_t whole = graph.tensor(operand.tensor).bytes();
    if (!defined.picked) return whole;
    return std::min(whole, std::uint64_t{op.dims[0]} * op.dims[1] * graph.tensor(operand.tensor).element_bytes());
}

[[noreturn]] void refuse(const Node& node, const std::string& why) {
    throw std::logic_error(fmt::format("{} ({}): {}", node.op.name, node.op.kind, why));
}

/// Holds an operator against its definition.
void check(const Graph& graph, const Node& node) {
    const image_op& op = node.op.image;
    const OperatorDefinition& definition = definition_of(op.kind);
    if (op.flags & ~operator_flags(op.kind)) refuse(node, fmt::format("has flags 0x{:x}", op.flags));
    for (unsigned i = 0; i < node.operands.size(); ++i) {
        const OperandDefinition& defined = definition.operands[i];
        const Operand& operand = node.operands[i];
        if (!operand.present() && !defined.optional) refuse(node, fmt::format("has no {}", defined.name));
        if (operand.accumulates && !accumulates(op.kind, i))
            refuse(node, fmt::format("cannot add to {}", defined.name));
        if (operand.tensor != no_tensor && defined.fp32 && graph.tensor(operand.tensor).format != FORMAT_FP32)
            refuse(node, fmt::format("its {} has to be fp32", defined.name));
        if (operand.tensor == no_tensor || op.outer_count * op.inner_count != 1) continue;
        const Tensor& tensor = graph.tensor(operand.tensor);
        const Extent extent = defined.extent(op);
        if (tensor.rows * tensor.cols != extent.rows * extent.cols)
            refuse(node, fmt::format("its {} is {} x {}, not {} x {}", defined.name, tensor.rows, tensor.cols,
                                     extent.rows, extent.cols));
    }
}

} // namespace

void count(const Graph& graph, Node& node) {
    const image_op& image = node.op.image;
    const OperatorDefinition& definition = definition_of(image.kind);
    const std::uint64_t products = checked_product("a batch of products", {image.outer_count, image.inner_count});
    node.op.shape = definition.shape ? definition.shape(image) : fmt::format("{}x{}", image.dims[0], image.dims[1]);
    if (products > 1) node.op.shape = fmt::format("{} x {}", products, node.op.shape);
    if (definition.macs)
        node.op.macs = checked_product("multiply-accumulates of an operator", {products, definition.macs(image)});
    node.op.bytes_read = node.op.bytes_written = 0;
    for (unsigned i = 0; i < node.operands.size(); ++i) {
        const std::uint64_t bytes = operand_bytes(graph, node, i);
        if (reads(node.op, i)) node.op.bytes_read += bytes;
        if (writes(node.op, i)) node.op.bytes_written += bytes;
    }
}

bool reads(const Op& op, unsigned index) {
    const bool adds = op.operands[index].flags & OPERAND_ACCUMULATE;
    return adds || definition_of(op.image.kind).operands[index].role != Role::writes;
}

bool writes(const Op& op, unsigned index) { return definition_of(op.image.kind).operands[index].role != Role::reads; }

TensorId Graph::add_tensor(std::string name, TensorKind kind, std::uint64_t rows, std::uint64_t cols) {
    product32("a tensor's rows", {rows});
    product32("a tensor's row of bytes", {cols, 4});
    checked_product("a tensor", {rows, cols, 4}, tensor_limit_bytes);
    tensors.push_back({std::move(name), kind, rows, cols, 0});
    return static_cast<TensorId>(tensors.size() - 1);
}

TensorId Graph::add_parameter(const std::string& name, std::uint16_t layer, std::uint64_t rows, std::uint64_t cols) {
    Parameter parameter;
    parameter.value = add_tensor(name, TensorKind::parameter, rows, cols);
    parameter.gradient = add_tensor("grad." + name, TensorKind::gradient, rows, cols);
    parameter.layer = layer;
    parameters.push_back(parameter);
    return parameter.value;
}

Node make_node(const Graph& graph, const Place& place, std::uint16_t kind, const std::vector<Operand>& operands,
               const OperatorSettings& settings) {
    Node node;
    node.op.name = place.name;
    node.op.kind = operator_name(kind);
    image_op& image = node.op.image;
    image.kind = kind;
    image.phase = place.phase;
    image.layer = place.layer;
    image.flags = settings.flags;
    std::copy(settings.dims.begin(), settings.dims.end(), image.dims);
    std::copy(settings.scalar.begin(), settings.scalar.end(), image.scalar);
    image.outer_count = settings.batch.outer_count;
    image.inner_count = settings.batch.inner_count;
    image.operand_count = operator_operands(kind);
    node.micro_batch = place.micro_batch;
    node.operands = operands;
    node.operands.resize(image.operand_count);
    node.op.operands.resize(image.operand_count);
    for (unsigned i = 0; i < image.operand_count; ++i) {
        image_operand& operand = node.op.operands[i];
        operand.flags = node.operands[i].accumulates ? OPERAND_ACCUMULATE : 0;
        if (i >= settings.batch.strides.size()) continue;
        operand.outer_stride = settings.batch.strides[i].outer;
        operand.inner_stride = settings.batch.strides[i].inner;
    }
    check(graph, node);
    count(graph, node);
    return node;
}

Node& append_node(Graph& graph, Node node) {
    if (graph.nodes.size() >= COMMAND_MAX_OPS)
        throw ScheduleError(fmt::format("the model takes more than {} operators a step", COMMAND_MAX_OPS));
    graph.nodes.push_back(std::move(node));
    return graph.nodes.back();
}

Node& add_node(Graph& graph, const Place& place, std::uint16_t kind, const std::vector<Operand>& operands,
               const OperatorSettings& settings) {
    return append_node(graph, make_node(graph, place, kind, operands, settings));
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
