// SPDX-License-Identifier: Apache-2.0
// Which tensors are still there when a step is over, against brute force over every later write.
#include <gtest/gtest.h>

#include "platform/schedule/assemble.h"
#include "platform/schedule/derivation.h"
#include "platform/schedule/forward.h"
#include "platform/schedule/lasting.h"
#include "platform/schedule/optimizer.h"
#include "tests/support/random_models.h"

namespace gradus::schedule::schedule_lasting_test {
namespace {

Graph placed_graph(const test::RandomModel& random) {
    Graph graph = forward_graph(random.model, random.run.batch, 11);
    append_backward(graph);
    append_update(graph, optimizer_of(random.model, random.run));
    place(graph, random.model, random.run, test::small_dram);
    return graph;
}

bool writes_tensor(const Node& node, TensorId id) {
    for (unsigned i = 0; i < node.operands.size(); ++i)
        if (node.operands[i].tensor == id && writes(node.op, i)) return true;
    return false;
}

/// Another tensor that has a byte in common with this one is written after this one has been for the last time.
bool is_written_over(const Graph& graph, TensorId id) {
    std::size_t last = graph.nodes.size();
    for (std::size_t op = 0; op < graph.nodes.size(); ++op)
        if (writes_tensor(graph.nodes[op], id)) last = op;
    const Tensor& tensor = graph.tensor(id);
    for (std::size_t op = last + 1; op < graph.nodes.size(); ++op)
        for (const Operand& operand : graph.nodes[op].operands) {
            if (operand.tensor == no_tensor || operand.tensor == id || !writes_tensor(graph.nodes[op], operand.tensor))
                continue;
            const Tensor& other = graph.tensor(operand.tensor);
            if (other.address < tensor.address + tensor.bytes() && tensor.address < other.address + other.bytes())
                return true;
        }
    return last == graph.nodes.size();
}

TEST(ScheduleLasting, TensorsLastThatNobodyWritesOver) {
    std::size_t lost = 0, kept = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const test::RandomModel random = test::random_model(seed);
        Graph graph = placed_graph(random);
        mark_lasting(graph);
        for (TensorId id = 0; id < graph.tensors.size(); ++id) {
            const Tensor& tensor = graph.tensor(id);
            if (tensor.kind != TensorKind::activation && tensor.kind != TensorKind::activation_gradient) {
                EXPECT_TRUE(tensor.lasts) << tensor.name << " has memory of its own";
                continue;
            }
            EXPECT_EQ(tensor.lasts, !is_written_over(graph, id)) << tensor.name << ", " << random.describe();
            ++(tensor.lasts ? kept : lost);
        }
    }
    EXPECT_GT(lost, 100u);
    EXPECT_GT(kept, 100u);
}

} // namespace
} // namespace gradus::schedule::schedule_lasting_test
