// SPDX-License-Identifier: Apache-2.0
// Gradients of graphs that no model of ours has: values and parameters used any number of times, wherever.
#include <cmath>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ip/common/command.h"
#include "platform/schedule/assemble.h"
#include "platform/schedule/derivation.h"
#include "tests/support/image_interpreter.h"
#include "tests/support/random_models.h"

namespace gradus::schedule_derivation_test {
namespace {

using namespace schedule;

constexpr unsigned context = 3, batch = 2, rows = context * batch, width = 5;

/// Operators on values of [rows, width], which are logits of a vocabulary of that width, too.
class Builder {
public:
    TensorId parameter(std::uint64_t of_rows, std::uint64_t of_cols) {
        return graph.add_parameter("p" + std::to_string(graph.parameters.size()), COMMAND_NO_LAYER, of_rows, of_cols);
    }
    TensorId value(std::uint64_t of_rows = rows, std::uint64_t of_cols = width) {
        return graph.add_tensor("v" + std::to_string(graph.tensors.size()), TensorKind::activation, of_rows, of_cols);
    }
    TensorId append(std::uint16_t kind, std::vector<Operand> operands, const OperatorSettings& settings) {
        const TensorId result = value();
        operands.insert(operands.begin(), result);
        add_node(graph, {COMMAND_PHASE_FORWARD, COMMAND_NO_LAYER, "op" + std::to_string(graph.nodes.size())}, kind,
                 operands, settings);
        return result;
    }
    TensorId embed(TensorId table) {
        return append(OP_EMBED, {table, no_tensor, StepInput::tokens}, {rows, width, width, context});
    }
    TensorId add(TensorId a, TensorId b) { return append(OP_ADD, {a, b}, {rows, width}); }
    TensorId activation(TensorId x, std::uint32_t kind) { return append(OP_ACTIVATION, {x}, {rows, width, kind}); }
    TensorId norm(TensorId x, TensorId gain) {
        return append(OP_RMSNORM, {x, value(rows, 1), gain}, {{rows, width}, 0, {1e-3F}});
    }
    TensorId multiply(TensorId x, TensorId weight, bool transposed) {
        return append(OP_MATMUL, {x, weight}, {{rows, width, width}, transposed ? OP_FLAG_TRANSPOSE_B : 0});
    }
    TensorId softmax(TensorId x) { return append(OP_SOFTMAX, {x}, {{rows, width, context}, 0, {0.7F}}); }
    TensorId repeat(TensorId x) { return append(OP_REPEAT, {x}, {rows, width, 1, 1}); }
    void lose(TensorId logits) {
        graph.logits = {logits};
        const TensorId p = value();
        graph.loss = value(1, 1);
        add_node(graph, {COMMAND_PHASE_FORWARD, COMMAND_NO_LAYER, "loss"}, OP_CROSS_ENTROPY,
                 {p, graph.loss, logits, StepInput::targets, StepInput::weights}, {rows, width});
    }

    Graph graph;
};

Schedule schedule_of(Graph graph) {
    scenario::ModelParameters model;
    model.context = context;
    model.vocabulary = width;
    scenario::RunParameters run;
    run.batch = batch;
    run.steps = 1;
    run.text = "synthetic";
    return assemble(std::move(graph), model, run, StepInputs(model, run), test::small_dram);
}

/// Every gradient of a parameter against the slope of the loss.
void expect_slopes(Graph graph, std::uint64_t seed) {
    graph.generate_op_count = 1;
    append_backward(graph);
    const Schedule schedule = schedule_of(std::move(graph));
    std::uint64_t end = 0;
    for (const Tensor& tensor : schedule.tensors)
        end = std::max(end, tensor.address + tensor.bytes());
    const std::uint64_t begin = schedule.image_range.end();
    test::ImageInterpreter chip(schedule.image, schedule.image_range.base, {begin, end - begin},
                                test::ImageInterpreter::Storage::fp64);
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    for (std::uint64_t address = begin; address < end; address += 4)
        chip.set(address, 1e3); // what must be overwritten
    for (const Tensor& tensor : schedule.tensors)
        for (std::uint64_t i = 0; tensor.kind == TensorKind::parameter && i < tensor.rows * tensor.cols; ++i)
            chip.set(tensor.address + 4 * i, 0.5 * normal(engine));
    chip.run_step(0);
    for (const Tensor& tensor : schedule.tensors) {
        if (tensor.kind != TensorKind::parameter) continue;
        const Tensor* gradient = schedule.find("grad." + tensor.name);
        ASSERT_NE(gradient, nullptr);
        const std::vector<double> computed = chip.read(gradient->address, tensor.rows * tensor.cols);
        for (unsigned sample = 0; sample < 6; ++sample) {
            const std::uint64_t i = engine() % computed.size(), address = tensor.address + 4 * i;
            const double before = chip.get(address), h = 1e-5;
            chip.set(address, before + h);
            const double above = chip.run_forward(0);
            chip.set(address, before - h);
            const double below = chip.run_forward(0);
            chip.set(address, before);
            EXPECT_NEAR(computed[i], (above - below) / (2 * h), 1e-7 + 1e-5 * std::abs(computed[i]))
                << tensor.name << "[" << i << "]";
        }
    }
}

std::vector<std::string> backward_kinds(Graph graph) {
    const std::size_t forward = graph.nodes.size();
    append_backward(graph);
    std::vector<std::string> kinds;
    for (std::size_t i = forward; i < graph.nodes.size(); ++i)
        kinds.push_back(graph.nodes[i].op.kind);
    return kinds;
}

TEST(Derivation, OneParameterMayBeTableAndHead) {
    Builder b;
    const TensorId table = b.parameter(width, width);
    b.lose(b.multiply(b.embed(table), table, true));
    EXPECT_THAT(backward_kinds(b.graph),
                testing::ElementsAre("cross_entropy_backward", "matmul", "matmul", "embed_backward"))
        << "the embedding adds to what the head has left";
    expect_slopes(b.graph, 1);
}

TEST(Derivation, AValueMayBeUsedAfterItsResidualSum) {
    Builder b;
    const TensorId x = b.embed(b.parameter(width, width));
    const TensorId sum = b.add(x, b.multiply(x, b.parameter(width, width), false));
    b.lose(b.add(b.activation(sum, ACTIVATION_GELU), x));
    expect_slopes(b.graph, 2);
}

TEST(Derivation, AValueAddedToItselfHasTwiceTheGradient) {
    Builder b;
    const TensorId x = b.embed(b.parameter(width, width));
    b.lose(b.add(x, x));
    expect_slopes(b.graph, 3);
}

TEST(Derivation, AParameterMayBeAnAddend) {
    Builder b;
    const TensorId x = b.embed(b.parameter(width, width)), offset = b.parameter(rows, width);
    b.lose(b.add(b.activation(b.add(x, offset), ACTIVATION_SILU), offset));
    expect_slopes(b.graph, 4);
}

TEST(Derivation, AnOperatorThatCannotAddHasItsShareAddedForIt) {
    Builder b;
    const TensorId x = b.embed(b.parameter(width, width));
    const TensorId repeated = b.repeat(x), weighed = b.softmax(x);
    b.lose(b.add(repeated, weighed));
    EXPECT_THAT(backward_kinds(b.graph), testing::ElementsAre("cross_entropy_backward", "softmax_backward",
                                                              "repeat_backward", "add", "embed_backward"))
        << "repeat_backward overwrites";
    expect_slopes(b.graph, 5);
}

TEST(Derivation, WhatTheLossDoesNotDependOnHasNoGradient) {
    Builder b;
    const TensorId x = b.embed(b.parameter(width, width));
    b.softmax(x);
    b.lose(x);
    EXPECT_THAT(backward_kinds(b.graph), testing::ElementsAre("cross_entropy_backward", "embed_backward"));
}

TEST(Derivation, AParameterThatNoGradientReachesIsAMistake) {
    Builder b;
    const TensorId x = b.embed(b.parameter(width, width));
    b.multiply(x, b.parameter(width, width), false);
    b.lose(x);
    EXPECT_THROW(append_backward(b.graph), std::logic_error);
}

TEST(Derivation, AnOperatorMustBeWhatItsDefinitionSays) {
    Builder b;
    const TensorId x = b.value(), narrow = b.value(rows, width - 1);
    EXPECT_THROW(b.append(OP_ADD, {x}, {rows, width}), std::logic_error) << "without b";
    EXPECT_THROW(b.append(OP_ADD, {x, narrow}, {rows, width}), std::logic_error);
    EXPECT_THROW(b.append(OP_ADD, {x, x}, {{rows, width}, OP_FLAG_CAUSAL}), std::logic_error);
    Operand added = x;
    added.accumulates = true;
    EXPECT_THROW(b.append(OP_ADD, {x, added}, {rows, width}), std::logic_error);
}

class DerivationOfRandomGraph : public testing::TestWithParam<std::uint64_t> {};

/// Every value is used once at least, and any number of times.
TEST_P(DerivationOfRandomGraph, EqualsFiniteDifferencesOfTheLoss) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam());
    std::mt19937_64 engine(GetParam());
    const auto one_of = [&](std::size_t count) { return static_cast<std::size_t>(engine() % count); };
    Builder b;
    std::vector<TensorId> weights{b.parameter(width, width)}, gains{b.parameter(1, width)}, addends;
    std::vector<TensorId> values{b.embed(weights[0])}, unused = values;
    const auto pick = [&] {
        const TensorId x = values[one_of(values.size())];
        unused.erase(std::remove(unused.begin(), unused.end(), x), unused.end());
        return x;
    };
    const auto parameter = [&](std::vector<TensorId>& pool, std::uint64_t of_rows) {
        if (pool.empty() || one_of(2) == 0) pool.push_back(b.parameter(of_rows, width));
        return pool[one_of(pool.size())];
    };
    values.push_back(b.norm(pick(), gains[0]));
    unused.push_back(values.back());
    for (std::size_t i = 0, count = 1 + one_of(12); i < count; ++i) {
        const TensorId x = pick();
        switch (one_of(6)) {
        case 0:
            values.push_back(b.add(x, pick()));
            break;
        case 1:
            values.push_back(b.activation(x, static_cast<std::uint32_t>(1 + one_of(2)))); // smooth ones
            break;
        case 2:
            values.push_back(b.norm(x, one_of(3) != 0 ? gains[one_of(gains.size())] : no_tensor));
            break;
        case 3:
            values.push_back(b.multiply(x, weights[one_of(weights.size())], one_of(2) != 0));
            break;
        case 4:
            values.push_back(b.softmax(x));
            break;
        default:
            values.push_back(b.add(x, parameter(addends, rows)));
            break;
        }
        unused.push_back(values.back());
    }
    TensorId sum = unused.front();
    for (std::size_t i = 1; i < unused.size(); ++i)
        sum = b.add(sum, unused[i]);
    for (const TensorId addend : addends) // those that were made and not picked
        sum = b.add(sum, addend);
    b.lose(sum);
    expect_slopes(b.graph, GetParam() + 1000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DerivationOfRandomGraph, testing::Range<std::uint64_t>(1, 61));

} // namespace
} // namespace gradus::schedule_derivation_test
