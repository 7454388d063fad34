// SPDX-License-Identifier: Apache-2.0
// The memory plan and the order between operators, against brute force over every pair.
#include <algorithm>
#include <chrono>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/schedule/derivation.h"
#include "platform/schedule/forward.h"
#include "platform/schedule/hazards.h"
#include "platform/schedule/image.h"
#include "platform/schedule/memory_plan.h"
#include "platform/schedule/optimizer.h"
#include "platform/schedule/schedule.h"
#include "tests/support/image_accesses.h"
#include "tests/support/random_models.h"

namespace gradus::schedule_memory_test {
namespace {

using schedule::Graph;
using schedule::Tensor;
using schedule::TensorId;
using schedule::TensorKind;

bool overlap(ip::AddressRange a, ip::AddressRange b) { return a.base < b.end() && b.base < a.end(); }

struct Lifetime {
    std::size_t first = ~std::size_t{0};
    std::size_t last = 0;
};

/// First and last operator that touches each tensor; the whole step for what has to outlive it.
std::vector<Lifetime> lifetimes(const Graph& graph) {
    std::vector<Lifetime> result(graph.tensors.size());
    for (std::size_t op = 0; op < graph.nodes.size(); ++op)
        for (const schedule::Operand& operand : graph.nodes[op].operands)
            if (operand.tensor != schedule::no_tensor) {
                Lifetime& lifetime = result[operand.tensor];
                lifetime.first = std::min(lifetime.first, op);
                lifetime.last = std::max(lifetime.last, op);
            }
    for (TensorId id = 0; id < graph.tensors.size(); ++id) {
        const TensorKind kind = graph.tensor(id).kind;
        const bool shared = kind == TensorKind::activation || kind == TensorKind::activation_gradient;
        if (!shared || id == graph.loss) result[id] = {0, graph.nodes.size()};
    }
    return result;
}

Graph graph_of(const test::RandomModel& random) {
    Graph graph = schedule::forward_graph(random.model, random.run.batch, 11);
    schedule::append_backward(graph);
    schedule::append_update(graph, schedule::optimizer_of(random.model, random.run));
    return graph;
}

class MemoryOfRandomModel : public testing::TestWithParam<std::uint64_t> {};

TEST_P(MemoryOfRandomModel, NoTwoTensorsThatLiveAtOnceOverlap) {
    const test::RandomModel random = test::random_model(GetParam());
    SCOPED_TRACE(testing::Message() << "seed " << GetParam() << ": " << random.describe());
    Graph graph = graph_of(random);
    const std::uint64_t image_bytes = 12345;
    schedule::plan_memory(graph, image_bytes, test::small_dram);
    const std::vector<Lifetime> lifetime = lifetimes(graph);
    for (TensorId a = 0; a < graph.tensors.size(); ++a) {
        const Tensor& first = graph.tensor(a);
        EXPECT_EQ(first.address % schedule::tensor_alignment, 0u) << first.name;
        EXPECT_GE(first.address, test::small_dram.base + image_bytes) << first.name;
        EXPECT_TRUE(test::small_dram.contains(first.address, first.bytes())) << first.name;
        for (TensorId b = 0; b < a; ++b) {
            const Tensor& second = graph.tensor(b);
            const bool at_once = lifetime[a].first <= lifetime[b].last && lifetime[b].first <= lifetime[a].last;
            const bool shared = overlap({first.address, first.bytes()}, {second.address, second.bytes()});
            EXPECT_FALSE(at_once && shared) << first.name << " and " << second.name;
        }
    }
}

TEST_P(MemoryOfRandomModel, EveryOperandWaitsForTheLatestHazard) {
    const test::RandomModel random = test::random_model(GetParam());
    SCOPED_TRACE(testing::Message() << "seed " << GetParam() << ": " << random.describe());
    const schedule::Schedule schedule = schedule::build(random.model, random.run, test::small_dram);
    std::vector<std::vector<test::Access>> accesses;
    for (std::size_t op = 0; op < schedule.ops.size(); ++op) {
        const std::vector<std::uint64_t> record = schedule::record_of(schedule.ops[op]);
        const test::OpRecord image = test::op_record(record.data(), record.size() * 8);
        for (const test::Access& access : test::accesses(image)) {
            std::uint32_t latest = IMAGE_NO_OP;
            for (std::size_t earlier = 0; earlier < op; ++earlier)
                for (const test::Access& other : accesses[earlier]) {
                    const bool hazard = other.writes || (access.writes && other.reads);
                    if (hazard && overlap(access.range, other.range)) latest = static_cast<std::uint32_t>(earlier);
                }
            EXPECT_EQ(image.operand[access.operand].after, latest)
                << schedule.ops[op].name << " (op " << op << "), operand " << access.operand;
        }
        accesses.push_back(test::accesses(image));
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, MemoryOfRandomModel, testing::Range<std::uint64_t>(1, 21));

TEST(ScheduleHazards, AgreeWithAListOfAllAccessesOnRandomRanges) {
    const unsigned seed = 7;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 engine(seed);
    struct Touch {
        ip::AddressRange range;
        bool write;
    };
    std::vector<Touch> history;
    schedule::Hazards hazards;
    for (int op = 0; op < 2000; ++op) {
        const Touch touch{{engine() % 300, 1 + engine() % 40}, engine() % 2 == 0};
        int latest = schedule::Hazards::none;
        for (int earlier = 0; earlier < op; ++earlier) {
            const Touch& other = history[static_cast<std::size_t>(earlier)];
            if ((touch.write || other.write) && overlap(touch.range, other.range)) latest = earlier;
        }
        if (touch.write) {
            ASSERT_EQ(hazards.before_write(touch.range), latest) << "op " << op;
            hazards.write(touch.range, op);
        } else {
            ASSERT_EQ(hazards.before_read(touch.range), latest) << "op " << op;
            hazards.read(touch.range, op);
        }
        history.push_back(touch);
    }
}

scenario::ModelParameters deep_model() {
    scenario::ModelParameters model;
    model.layers = 48;
    model.width = 1600;
    model.heads = 25;
    model.context = 1024;
    model.mlp_width = 6400;
    model.vocabulary = 50257;
    model.activation = scenario::Activation::gelu;
    model.bias = true;
    model.norm_gain = true;
    model.final_norm = true;
    return model;
}

TEST(ScheduleMemory, ActivationsOfADeepModelTakeLittleMoreThanWhatLivesAtOnce) {
    Graph graph = schedule::forward_graph(deep_model(), 1, 50257);
    schedule::append_backward(graph);
    schedule::plan_memory(graph, 0, {0, std::uint64_t{1} << 42});
    const std::vector<Lifetime> lifetime = lifetimes(graph);
    std::vector<std::uint64_t> live(graph.nodes.size() + 1);
    std::uint64_t begin = ~std::uint64_t{0};
    std::uint64_t end = 0;
    for (TensorId id = 0; id < graph.tensors.size(); ++id) {
        const Tensor& tensor = graph.tensor(id);
        const bool activation = tensor.kind == TensorKind::activation || tensor.kind == TensorKind::activation_gradient;
        if (!activation || id == graph.loss) continue;
        begin = std::min(begin, tensor.address);
        end = std::max(end, tensor.address + schedule::aligned(tensor.bytes()));
        for (std::size_t op = lifetime[id].first; op <= lifetime[id].last; ++op)
            live[op] += schedule::aligned(tensor.bytes());
    }
    const std::uint64_t most = *std::max_element(live.begin(), live.end());
    EXPECT_GE(end - begin, most);
    EXPECT_LT(static_cast<double>(end - begin), 1.1 * static_cast<double>(most));
}

TEST(ScheduleMemory, AModelOfThousandsOfOperatorsIsScheduledInSeconds) {
    scenario::RunParameters run;
    run.text = "synthetic";
    run.steps = 1;
    const auto start = std::chrono::steady_clock::now();
    const schedule::Schedule schedule = schedule::build(deep_model(), run, {0x80000000u, std::uint64_t{1} << 42});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_GT(schedule.ops.size(), 2000u);
    EXPECT_LT(seconds.count(), 5.0);
}

// 80 layers, 8,192 wide, at 131,072 tokens: 70.6 thousand million parameters (a layer has 2 * 8192^2 + 2 * 8192 * 1024
// of attention and 3 * 8192 * 28672 of the MLP; embedding and head have 128256 * 8192 each), and tensors of more than
// 2^32 bytes. Every tensor lies in the DRAM, and those that live at one time lie apart: the arena is at least its peak.
TEST(ScheduleMemory, ModelsOfSeventyThousandMillionParametersWithALongContextArePlanned) {
    scenario::ModelParameters model;
    model.layers = 80;
    model.width = 8192;
    model.heads = 64;
    model.kv_heads = 8;
    model.gated_mlp = true;
    model.mlp_width = 28'672;
    model.vocabulary = 128'256;
    model.context = 131'072;
    model.positions = scenario::Positions::rope;
    model.attention = model.head = scenario::Form::fused;
    model.precision = scenario::Precision::mixed;
    scenario::RunParameters run;
    run.text = "synthetic";
    run.steps = 1;
    const ip::AddressRange dram{0x1'0000'0000, std::uint64_t{8} << 40};
    const schedule::Schedule schedule = schedule::build(model, run, dram);
    const std::uint64_t layer = 2 * 8192ULL * 8192 + 2 * 8192ULL * 1024 + 3 * 8192ULL * 28'672;
    EXPECT_EQ(schedule.parameter_count, 80 * layer + 2 * 128'256ULL * 8192);
    std::uint64_t largest = 0, begin = ~std::uint64_t{0}, end = 0;
    for (const Tensor& tensor : schedule.tensors) {
        EXPECT_TRUE(dram.contains(tensor.address, tensor.bytes())) << tensor.name;
        if (tensor.kind != TensorKind::activation && tensor.kind != TensorKind::activation_gradient) continue;
        largest = std::max(largest, tensor.bytes());
        begin = std::min(begin, tensor.address);
        end = std::max(end, tensor.address + tensor.bytes());
    }
    EXPECT_EQ(largest, 131'072ULL * 28'672 * 2) << "of the MLP, in bf16: more than 2^32";
    EXPECT_GE(end - begin, *std::max_element(schedule.activation_bytes.begin(), schedule.activation_bytes.end()));
}

TEST(ScheduleMemory, WhatDoesNotFitIsToldWithATableOfWhatTakesHowMuch) {
    scenario::RunParameters run;
    run.text = "synthetic";
    run.steps = 1;
    try {
        schedule::build(deep_model(), run, {0x80000000u, std::uint64_t{8} << 30});
        FAIL() << "1.5 billion parameters of 16 bytes do not fit into 8 GiB";
    } catch (const schedule::ScheduleError& error) {
        const std::string message = error.what();
        for (const char* part : {"8.0 GiB", "parameters", "gradients", "moments", "activations", "image"})
            EXPECT_THAT(message, testing::HasSubstr(part));
    }
}

TEST(ScheduleMemory, TheLastByteOfTheDramIsUsable) {
    const test::RandomModel random = test::random_model(5);
    const schedule::Schedule roomy = schedule::build(random.model, random.run, test::small_dram);
    std::uint64_t end = 0;
    for (const Tensor& tensor : roomy.tensors)
        end = std::max(end, tensor.address + schedule::aligned(tensor.bytes()));
    const std::uint64_t needed = end - test::small_dram.base;
    EXPECT_NO_THROW(schedule::build(random.model, random.run, {test::small_dram.base, needed}));
    EXPECT_THROW(schedule::build(random.model, random.run, {test::small_dram.base, needed - 1}),
                 schedule::ScheduleError);
}

} // namespace
} // namespace gradus::schedule_memory_test
