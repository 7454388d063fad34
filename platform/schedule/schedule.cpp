// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/schedule.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "platform/scenario/texts.h"
#include "platform/schedule/assemble.h"
#include "platform/schedule/derivation.h"
#include "platform/schedule/fitting.h"
#include "platform/schedule/formats.h"
#include "platform/schedule/forward.h"
#include "platform/schedule/fusion.h"
#include "platform/schedule/image.h"
#include "platform/schedule/lasting.h"
#include "platform/schedule/memory_plan.h"
#include "platform/schedule/ops/reference.h"
#include "platform/schedule/optimizer.h"
#include "platform/schedule/random.h"
#include "platform/schedule/recompute.h"
#include "platform/schedule/rope_angles.h"
#include "platform/schedule/step_feed.h"
#include "platform/schedule/text.h"

namespace gradus::schedule {
namespace {

bool ends_with(const std::string& text, const std::string& suffix) {
    return text.size() >= suffix.size() && text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

/// The part of the DRAM from its first aligned address on.
ip::AddressRange aligned_range(ip::AddressRange dram) {
    const std::uint64_t base = aligned(dram.base);
    const std::uint64_t lost = base - dram.base;
    return {base, dram.bytes > lost ? dram.bytes - lost : 0};
}

Graph graph_of(const scenario::ModelParameters& model, const scenario::RunParameters& run, unsigned vocabulary,
               const RecomputedLayers& recomputed) {
    Graph graph = forward_graph(model, run.batch, vocabulary, run.accumulate);
    append_backward(graph);
    set_formats(graph, model);
    recompute(graph, recomputed);
    if (model.epilogues == scenario::Form::fused) fuse_products(graph);
    if (run.loss_scale != 1) scale_gradients(graph);
    append_update(graph, optimizer_of(model, run));
    return graph;
}

void check_generation(const scenario::ModelParameters& model, const scenario::RunParameters& run) {
    if (scenario::texts_to_generate(run) != 0 && model.head == scenario::Form::fused)
        throw ScheduleError(
            fmt::format("model.head = \"fused\" has no logits to generate from: run.generate = {} needs "
                        "model.head = \"plain\"",
                        run.generate));
}

/// What a model takes of a DRAM that has room for any.
std::uint64_t planned_bytes(const scenario::ModelParameters& model, const scenario::RunParameters& run,
                            unsigned vocabulary, std::uint64_t step_room, const RecomputedLayers& recomputed) {
    check_generation(model, run);
    Graph graph = graph_of(model, run, vocabulary, recomputed);
    const std::uint64_t image_bytes = image_layout(model, run, graph.nodes, step_room).bytes;
    return plan_memory(graph, image_bytes, {0, std::uint64_t{1} << 62});
}

/// As model.recompute says. What fits is found by bisection: each choice takes less memory than the one before.
RecomputedLayers layers_to_recompute(const scenario::ModelParameters& model, const scenario::RunParameters& run,
                                     unsigned vocabulary, std::uint64_t step_room, std::uint64_t available) {
    if (model.recompute != scenario::Recompute::fit) return recomputed_layers(model);
    unsigned enough = 2 * model.layers;
    for (unsigned least = 0; least < enough;) {
        const unsigned middle = (least + enough) / 2;
        const RecomputedLayers tried = recomputed_layers(model.layers, middle);
        if (planned_bytes(model, run, vocabulary, step_room, tried) <= available)
            enough = middle;
        else
            least = middle + 1;
    }
    return recomputed_layers(model.layers, enough);
}

std::uint64_t parameter_count(const Graph& graph) {
    std::uint64_t count = 0;
    for (const Parameter& parameter : graph.parameters)
        count += graph.tensor(parameter.value).rows * graph.tensor(parameter.value).cols;
    return count;
}

} // namespace

std::string Text::shown(std::uint64_t token) const {
    return token < symbols.size() ? symbols[token] : fmt::format("<{}>", token);
}

const Tensor* Schedule::find(const std::string& name) const {
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& tensor) { return tensor.name == name; });
    return found == tensors.end() ? nullptr : &*found;
}

Schedule build(const scenario::ModelParameters& model, const scenario::RunParameters& run, ip::AddressRange dram,
               std::uint64_t step_room, std::uint32_t first_step) {
    if (run.steps == 0) throw ScheduleError("run.steps must be 1 or more");
    if (first_step >= run.steps)
        throw ScheduleError(
            fmt::format("{} steps are done already: run.steps = {}, the steps of the whole run, must be "
                        "more",
                        first_step, run.steps));
    image_layout(model, run, {}, step_room); // oversized inputs are refused before anything is read
    StepInputs inputs(model, run);
    const unsigned vocabulary = inputs.vocabulary();
    const std::uint64_t available = aligned_range(dram).bytes;
    const auto recomputed = [=](const scenario::ModelParameters& of, const scenario::RunParameters& in) {
        return layers_to_recompute(of, in, vocabulary, step_room, available);
    };
    check_generation(model, run);
    const RecomputedLayers layers = recomputed(model, run);
    Graph graph = graph_of(model, run, vocabulary, layers);
    scenario::RunParameters carried_out = run;
    carried_out.generate = scenario::texts_to_generate(run);
    try {
        Schedule schedule =
            assemble(std::move(graph), model, carried_out, std::move(inputs), dram, step_room, first_step);
        schedule.recomputed = layers;
        return schedule;
    } catch (const DoesNotFit& error) {
        throw ScheduleError(
            error.what() + ways_to_fit(model, run, available, [=](const auto& other_model, const auto& other_run) {
                return planned_bytes(other_model, other_run, vocabulary, step_room, recomputed(other_model, other_run));
            }));
    }
}

ImageLayout place(Graph& graph, const scenario::ModelParameters& model, const scenario::RunParameters& run,
                  ip::AddressRange dram, std::uint64_t step_room) {
    const ip::AddressRange usable = aligned_range(dram);
    const ImageLayout layout = image_layout(model, run, graph.nodes, step_room);
    plan_memory(graph, layout.bytes, usable);
    place_operands(graph, layout, usable.base);
    return layout;
}

Schedule assemble(Graph graph, const scenario::ModelParameters& model, const scenario::RunParameters& run,
                  StepInputs inputs, ip::AddressRange dram, std::uint64_t step_room, std::uint32_t first_step) {
    const ip::AddressRange usable = aligned_range(dram);
    scenario::RunParameters rest = run;
    rest.steps -= first_step;
    const ImageLayout layout = place(graph, model, rest, dram, step_room);
    mark_lasting(graph);
    Schedule schedule;
    schedule.first_step = first_step;
    schedule.image = write_image(graph, layout, usable.base, model, rest, inputs, first_step);
    schedule.image_range = {usable.base, layout.bytes};
    schedule.text = inputs.text();
    schedule.vocabulary = inputs.vocabulary();
    schedule.parameter_count = parameter_count(graph);
    schedule.tokens_per_step = std::uint64_t{run.batch} * run.accumulate * model.context;
    const auto feed = std::make_shared<const StepFeed>(std::move(inputs), layout, run, first_step);
    feed->begin([&](std::uint64_t offset, const void* data, std::size_t bytes) {
        std::memcpy(schedule.image.data() + offset, data, bytes);
    });
    if (!feed->holds_all()) schedule.feed = feed;
    schedule.tensors = std::move(graph.tensors);
    schedule.activation_bytes = std::move(graph.activation_bytes);
    schedule.ops.reserve(graph.nodes.size());
    for (Node& node : graph.nodes)
        schedule.ops.push_back(std::move(node.op));
    return schedule;
}

std::vector<float> initial_values(const Tensor& tensor, const scenario::ModelParameters& model, std::uint64_t seed) {
    if (tensor.name == rope_tensor) return rope_table(model.rope, tensor.rows, static_cast<unsigned>(tensor.cols));
    if (tensor.name == local_rope_tensor)
        return rope_table(local_rope(model.rope), tensor.rows, static_cast<unsigned>(tensor.cols));
    if (tensor.kind == TensorKind::constant && tensor.fill != 0)
        return std::vector<float>(tensor.rows * tensor.cols, tensor.fill);
    if (tensor.kind != TensorKind::parameter && tensor.kind != TensorKind::weight) return {};
    const std::string name = parameter_name(tensor);
    if (ends_with(name, ".bias")) return {};
    std::vector<float> values(tensor.rows * tensor.cols, model.norm_offset ? 0.0f : 1.0f);
    if (ends_with(name, ".gain")) return values;
    Random random(seed, name);
    for (float& value : values)
        value = static_cast<float>(random.normal() * model.init_std);
    return values;
}

std::vector<std::uint8_t> stored(const Tensor& tensor, const std::vector<float>& values) {
    std::vector<std::uint8_t> bytes(values.size() * tensor.element_bytes());
    if (values.empty()) return bytes;
    if (tensor.format != FORMAT_BF16) {
        std::memcpy(bytes.data(), values.data(), bytes.size());
        return bytes;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto rounded = static_cast<float>(rounded_to_bf16(values[i]));
        std::uint32_t bits = 0;
        std::memcpy(&bits, &rounded, sizeof bits);
        const auto upper = static_cast<std::uint16_t>(bits >> 16);
        std::memcpy(bytes.data() + i * sizeof upper, &upper, sizeof upper);
    }
    return bytes;
}

} // namespace gradus::schedule
