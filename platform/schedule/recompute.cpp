// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/recompute.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "platform/schedule/ops/definition.h"

namespace gradus::schedule {
namespace {

constexpr std::size_t no_node = ~std::size_t{0};

class Recomputation {
public:
    Recomputation(Graph& graph, const RecomputedLayers& layers)
        : graph_(graph), layers_(layers), nodes_(std::exchange(graph.nodes, {})), maker_(graph.tensors.size(), no_node),
          read_by_backward_(graph.tensors.size()), read_elsewhere_(graph.tensors.size()), again_(nodes_.size()),
          copy_(graph.tensors.size(), no_tensor) {}

    void rewrite() {
        look();
        choose();
        for (Node& node : nodes_) {
            if (node.op.image.phase == COMMAND_PHASE_BACKWARD) read_copies(node);
            append_node(graph_, node);
        }
    }

private:
    bool is_whole(const Node& node) const { return node.op.image.layer < layers_.whole; }
    std::uint64_t bytes(TensorId id) const { return graph_.tensor(id).bytes(); }

    template <typename Action>
    static void for_each_read(const Node& node, Action action) {
        for (unsigned i = 0; i < node.operands.size(); ++i)
            if (node.operands[i].tensor != no_tensor && reads(node.op, i)) action(node.operands[i].tensor);
    }
    template <typename Action>
    static void for_each_result(const Node& node, Action action) {
        for (unsigned i = 0; i < node.operands.size(); ++i)
            if (node.operands[i].tensor != no_tensor && writes(node.op, i)) action(node.operands[i].tensor);
    }

    void look() {
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            const Node& node = nodes_[i];
            const bool forward = node.op.image.phase == COMMAND_PHASE_FORWARD;
            for_each_read(node, [&](TensorId id) {
                if (!forward)
                    read_by_backward_[id] = true;
                else if (maker_[id] != no_node && nodes_[maker_[id]].op.image.layer != node.op.image.layer)
                    read_elsewhere_[id] = true;
            });
            if (forward) for_each_result(node, [&](TensorId id) { maker_[id] = i; });
        }
    }

    /// Sums are not: along the residual stream each would need the one before.
    bool is_cheap(const Node& node) const {
        const std::uint16_t kind = node.op.image.kind;
        if (kind == OP_ADD) return false;
        if (!definition_of(kind).macs) return true;
        std::uint64_t read = 0;
        bool is_linear = false;
        for_each_read(node, [&](TensorId id) {
            read += bytes(id);
            is_linear = is_linear || graph_.tensor(id).kind != TensorKind::activation;
        });
        return !is_linear && bytes(node.operands[0].tensor) > read;
    }

    /// Which operators may run again. In layers that do in part, they need what the backward pass reads anyway, or less
    /// than they save.
    void choose() {
        std::vector<bool> is_there = read_by_backward_;
        for (TensorId id = 0; id < graph_.tensors.size(); ++id)
            if (graph_.tensor(id).kind != TensorKind::activation) is_there[id] = true;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            const Node& node = nodes_[i];
            if (node.op.image.phase != COMMAND_PHASE_FORWARD || node.op.image.layer == COMMAND_NO_LAYER) continue;
            if (is_whole(node)) {
                again_[i] = true;
                continue;
            }
            if (node.op.image.layer >= layers_.in_part || !is_cheap(node)) continue;
            std::uint64_t missing = 0, saved = 0;
            for_each_read(node, [&](TensorId id) { missing += is_there[id] ? 0 : bytes(id); });
            for_each_result(node, [&](TensorId id) { saved += read_by_backward_[id] ? bytes(id) : 0; });
            if (missing != 0 && missing >= saved) continue;
            again_[i] = true;
            for_each_read(node, [&](TensorId id) { is_there[id] = true; });
            for_each_result(node, [&](TensorId id) { is_there[id] = true; });
        }
    }

    void read_copies(Node& node) {
        for (unsigned i = 0; i < node.operands.size(); ++i)
            if (TensorId& id = node.operands[i].tensor; id != no_tensor && !writes(node.op, i)) id = copy_of(id);
    }

    /// What is to be read in place of a value of the forward pass, which is there when this returns.
    TensorId copy_of(TensorId id) {
        const std::size_t maker = maker_[id];
        if (maker == no_node || !again_[maker] || (is_whole(nodes_[maker]) && read_elsewhere_[id])) return id;
        if (copy_[id] == no_tensor) run_again(nodes_[maker]);
        return copy_[id];
    }

    void run_again(Node node) {
        read_copies(node);
        for (unsigned i = 0; i < node.operands.size(); ++i) {
            TensorId& id = node.operands[i].tensor;
            if (id == no_tensor || !writes(node.op, i)) continue;
            Tensor copy = graph_.tensor(id);
            copy.name += ".again";
            graph_.tensors.push_back(std::move(copy));
            id = copy_[id] = static_cast<TensorId>(graph_.tensors.size() - 1);
        }
        node.op.again = true;
        node.op.name += ".again";
        node.op.image.phase = COMMAND_PHASE_BACKWARD;
        append_node(graph_, std::move(node));
    }

    Graph& graph_;
    const RecomputedLayers layers_;
    std::vector<Node> nodes_;
    // Of the forward pass, by tensor:
    std::vector<std::size_t> maker_; ///< the operator whose result it is
    std::vector<bool> read_by_backward_;
    std::vector<bool> read_elsewhere_; ///< by operators of another layer
    std::vector<bool> again_;          ///< by operator
    std::vector<TensorId> copy_;       ///< by tensor: the result of running its maker again
};

std::string stretch(unsigned first, unsigned end, const char* how) {
    if (end - first == 1) return fmt::format("{} {}", first, how);
    return fmt::format("{} to {} {}", first, end - 1, how);
}

} // namespace

RecomputedLayers recomputed_layers(const scenario::ModelParameters& model) {
    switch (model.recompute) {
    case scenario::Recompute::none:
        return {};
    case scenario::Recompute::selective:
        return {0, model.layers};
    case scenario::Recompute::full:
        return {model.layers, model.layers};
    case scenario::Recompute::fit:
        break;
    }
    throw std::logic_error("model.recompute = \"fit\" depends on the DRAM");
}

RecomputedLayers recomputed_layers(unsigned layers, unsigned n) {
    return n <= layers ? RecomputedLayers{0, n} : RecomputedLayers{n - layers, layers};
}

void recompute(Graph& graph, const RecomputedLayers& layers) {
    if (layers.in_part != 0) Recomputation(graph, layers).rewrite();
}

std::string described(const RecomputedLayers& layers) {
    if (layers.in_part == 0) return {};
    std::string text = layers.in_part == 1 ? "layer " : "layers ";
    if (layers.whole != 0) text += stretch(0, layers.whole, "whole");
    if (layers.in_part == layers.whole) return text;
    return text + (layers.whole != 0 ? ", " : "") + stretch(layers.whole, layers.in_part, "in part");
}

} // namespace gradus::schedule
