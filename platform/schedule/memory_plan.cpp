// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/memory_plan.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "platform/schedule/format.h"

namespace gradus::schedule {
namespace {

/// Free space of an address range without an end, first fit.
class FirstFit {
public:
    std::uint64_t allocate(std::uint64_t bytes) {
        for (auto hole = holes_.begin(); hole != holes_.end(); ++hole) {
            const auto [begin, end] = *hole;
            if (end - begin < bytes) continue;
            holes_.erase(hole);
            if (begin + bytes < end) holes_.emplace(begin + bytes, end);
            return begin;
        }
        // Grow from the last hole if it touches the top.
        std::uint64_t begin = top_;
        if (!holes_.empty() && holes_.rbegin()->second == top_) {
            begin = holes_.rbegin()->first;
            holes_.erase(begin);
        }
        top_ = begin + bytes;
        return begin;
    }

    void release(std::uint64_t begin, std::uint64_t bytes) {
        std::uint64_t end = begin + bytes;
        auto next = holes_.lower_bound(begin);
        if (next != holes_.end() && next->first == end) {
            end = next->second;
            next = holes_.erase(next);
        }
        if (next != holes_.begin() && std::prev(next)->second == begin) {
            std::prev(next)->second = end;
            return;
        }
        holes_.emplace(begin, end);
    }

    std::uint64_t top() const { return top_; }

private:
    std::map<std::uint64_t, std::uint64_t> holes_; ///< begin to end
    std::uint64_t top_ = 0;
};

struct Lifetimes {
    std::vector<std::vector<TensorId>> begin_at; ///< by op
    std::vector<std::vector<TensorId>> end_at;
};

bool in_arena(const Graph& graph, TensorId id) {
    const TensorKind kind = graph.tensor(id).kind;
    return (kind == TensorKind::activation || kind == TensorKind::activation_gradient) && id != graph.loss;
}

/// Says of each tensor which operators need it.
void note_uses(Graph& graph) {
    for (std::uint32_t op = 0; op < graph.nodes.size(); ++op)
        for (const Operand& operand : graph.nodes[op].operands)
            if (operand.tensor != no_tensor) {
                Tensor& tensor = graph.tensors[operand.tensor];
                tensor.first_op = std::min(tensor.first_op, op);
                tensor.last_op = op;
            }
}

Lifetimes lifetimes(const Graph& graph) {
    Lifetimes result{std::vector<std::vector<TensorId>>(graph.nodes.size()),
                     std::vector<std::vector<TensorId>>(graph.nodes.size())};
    for (TensorId id = 0; id < graph.tensors.size(); ++id)
        if (in_arena(graph, id) && graph.tensor(id).first_op != IMAGE_NO_OP) {
            result.begin_at[graph.tensor(id).first_op].push_back(id);
            result.end_at[graph.tensor(id).last_op].push_back(id);
        }
    return result;
}

/// Offsets within the arena go to Tensor::address. Returns the arena's size.
std::uint64_t plan_arena(Graph& graph) {
    const Lifetimes lifetime = lifetimes(graph);
    FirstFit arena;
    std::uint64_t alive = 0;
    for (std::size_t op = 0; op < graph.nodes.size(); ++op) {
        for (const TensorId id : lifetime.begin_at[op]) {
            graph.tensors[id].address = arena.allocate(aligned(graph.tensor(id).bytes()));
            alive += graph.tensor(id).bytes();
        }
        graph.activation_bytes.push_back(alive);
        for (const TensorId id : lifetime.end_at[op]) {
            arena.release(graph.tensor(id).address, aligned(graph.tensor(id).bytes()));
            alive -= graph.tensor(id).bytes();
        }
    }
    return arena.top();
}

std::uint64_t total_of(const Graph& graph, TensorKind kind) {
    std::uint64_t bytes = 0;
    for (TensorId id = 0; id < graph.tensors.size(); ++id)
        if (graph.tensor(id).kind == kind && !in_arena(graph, id)) bytes += aligned(graph.tensor(id).bytes());
    return bytes;
}

std::string does_not_fit(const Graph& graph, std::uint64_t image_bytes, std::uint64_t arena_bytes, std::uint64_t needed,
                         std::uint64_t available) {
    std::string table = fmt::format("the model does not fit into DRAM: it needs {}, there are {}, {} too little\n",
                                    format_bytes(needed), format_bytes(available), format_bytes(needed - available));
    const auto line = [&](const char* what, std::uint64_t bytes) {
        table += fmt::format("  {:<38}{:>12}\n", what, format_bytes(bytes));
    };
    line("schedule image and step inputs", image_bytes);
    line("parameters", total_of(graph, TensorKind::parameter));
    if (const std::uint64_t weights = total_of(graph, TensorKind::weight)) line("bf16 weights", weights);
    line("gradients", total_of(graph, TensorKind::gradient));
    line("moments", total_of(graph, TensorKind::moment));
    if (const std::uint64_t constants = total_of(graph, TensorKind::constant)) line("constants", constants);
    line("activations and their gradients, peak", arena_bytes);
    return table;
}

} // namespace

std::uint64_t plan_memory(Graph& graph, std::uint64_t image_bytes, ip::AddressRange dram) {
    note_uses(graph);
    const std::uint64_t arena_bytes = plan_arena(graph);
    std::uint64_t offset = aligned(image_bytes);
    for (const TensorKind kind : {TensorKind::parameter, TensorKind::weight, TensorKind::gradient, TensorKind::moment,
                                  TensorKind::constant, TensorKind::activation})
        for (TensorId id = 0; id < graph.tensors.size(); ++id)
            if (graph.tensor(id).kind == kind && !in_arena(graph, id)) {
                graph.tensors[id].address = dram.base + offset;
                offset += aligned(graph.tensor(id).bytes());
            }
    const std::uint64_t needed = offset + arena_bytes;
    if (needed > dram.bytes) throw DoesNotFit(does_not_fit(graph, image_bytes, arena_bytes, needed, dram.bytes));
    for (TensorId id = 0; id < graph.tensors.size(); ++id)
        if (in_arena(graph, id)) graph.tensors[id].address += dram.base + offset;
    return needed;
}

} // namespace gradus::schedule
