// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/fusion.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace gradus::schedule {
namespace {

constexpr unsigned of_c = 0, of_addend = 4, of_x = 5, of_y = 6, operands_of_fused = 7;

class Fusion {
public:
    explicit Fusion(Graph& graph) : graph_(graph), users_(graph.tensors.size()), gone_(graph.nodes.size()) {
        for (std::size_t i = 0; i < graph.nodes.size(); ++i)
            for (const Operand& operand : graph.nodes[i].operands)
                if (operand.tensor != no_tensor) users_[operand.tensor].push_back(i);
        for (const Node& node : graph.nodes)
            if (node.op.again) again_.insert(node.op.name);
    }

    void run() {
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            if (can_be_fused(i)) fuse(i);
        remove_gone();
    }

private:
    const Node& node(std::size_t index) const { return graph_.nodes[index]; }

    /// Whether it is of the forward pass and runs again for the backward pass, or is what runs again.
    bool runs_again(std::size_t index) const {
        const Op& op = node(index).op;
        return op.again || (op.image.phase == COMMAND_PHASE_FORWARD && again_.count(op.name + ".again") != 0);
    }

    bool is_logits(TensorId id) const {
        return std::find(graph_.logits.begin(), graph_.logits.end(), id) != graph_.logits.end();
    }

    bool can_be_fused(std::size_t product) const {
        const Node& node = graph_.nodes[product];
        const TensorId c = node.operands[of_c].tensor;
        return node.op.image.kind == OP_MATMUL && !node.operands[of_c].accumulates && node.op.image.outer_count == 1 &&
               node.op.image.inner_count == 1 && !is_logits(c) && users_[c].size() > 1 && users_[c].front() == product;
    }

    /// The first operator that reads the product's result.
    void fuse(std::size_t product) {
        const TensorId t = node(product).operands[of_c].tensor;
        const std::size_t reader = users_[t][1];
        const Node& next = node(reader);
        const bool alone = users_[t].size() == 2;
        if (next.operands[0].accumulates || is_touched(next.operands[0].tensor, reader)) return;
        if (runs_again(product) != runs_again(reader)) return; // alone it would see what the product has rounded
        const auto reads = [&](unsigned index) { return next.operands[index].tensor == t; };
        switch (next.op.image.kind) {
        case OP_ADD:
            if (alone && reads(1) != reads(2)) add(product, reader, next.operands[reads(1) ? 2 : 1]);
            break;
        case OP_ACTIVATION:
            replace(product, reader, t, {}, {}, next.operands[0].tensor);
            break;
        case OP_ACTIVATION_BACKWARD:
            if (alone && reads(1) && !reads(2) && is_there(next.operands[2], product))
                replace(product, reader, next.operands[0].tensor, {}, next.operands[2], no_tensor);
            break;
        default:
            break;
        }
    }

    void add(std::size_t product, std::size_t reader, Operand addend) {
        if (is_there(addend, product)) replace(product, reader, node(reader).operands[0].tensor, addend, {}, no_tensor);
    }

    /// Whether somebody uses it before its operator does.
    bool is_touched(TensorId result, std::size_t by) const { return users_[result].front() != by; }

    /// Whether it has its value before that operator, and keeps it.
    bool is_there(const Operand& operand, std::size_t before) const {
        if (operand.tensor == no_tensor) return false;
        const std::vector<std::size_t>& users = users_[operand.tensor];
        return users.front() < before && std::none_of(users.begin(), users.end(), [&](std::size_t user) {
                   const Node& node = graph_.nodes[user];
                   for (unsigned i = 0; i < node.operands.size(); ++i)
                       if (user > before && node.operands[i].tensor == operand.tensor && writes(node.op, i))
                           return true;
                   return false;
               });
    }

    void replace(std::size_t product, std::size_t reader, TensorId c, Operand addend, Operand x, TensorId y) {
        const Node before = node(product);
        std::vector<Operand> operands = before.operands;
        operands.resize(operands_of_fused);
        operands[of_c] = c;
        operands[of_addend] = addend;
        operands[of_x] = x;
        operands[of_y] = y;
        const image_op& op = before.op.image;
        const OperatorSettings settings{{op.dims[0], op.dims[1], op.dims[2], node(reader).op.image.dims[2]}, op.flags};
        Node& fused = graph_.nodes[product];
        fused = make_node(graph_, {op.phase, op.layer, before.op.name, before.micro_batch}, OP_MATMUL_FUSED, operands,
                          settings);
        fused.op.again = before.op.again;
        gone_[reader] = true;
    }

    void remove_gone() {
        std::vector<Node> nodes;
        std::uint32_t to_generate = graph_.generate_op_count;
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            if (!gone_[i])
                nodes.push_back(std::move(graph_.nodes[i]));
            else if (i < graph_.generate_op_count)
                --to_generate;
        }
        graph_.nodes = std::move(nodes);
        graph_.generate_op_count = to_generate;
    }

    Graph& graph_;
    std::vector<std::vector<std::size_t>> users_; ///< by tensor, in order: who writes or reads it
    std::vector<bool> gone_;                      ///< by node
    std::set<std::string> again_;                 ///< names of operators
};

} // namespace

void fuse_products(Graph& graph) { Fusion(graph).run(); }

} // namespace gradus::schedule
