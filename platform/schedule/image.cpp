// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/image.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "ip/common/command.h"
#include "platform/schedule/format.h"
#include "platform/schedule/hazards.h"
#include "platform/schedule/memory_plan.h"
#include "platform/schedule/ops/definition.h"

namespace gradus::schedule {
namespace {

static_assert(sizeof(image_op) == 64 && sizeof(image_operand) == 48 && sizeof(image_update) == 24 &&
                  sizeof(image_validation) == 24,
              "the image has no hidden padding");

/// Token, target and weight, and the weight scaled where the loss is.
std::uint64_t bytes_per_token(const scenario::RunParameters& run) { return run.loss_scale != 1 ? 16 : 12; }

std::uint64_t offset_of(StepInput input, const ImageLayout& layout, std::uint64_t tokens_per_step) {
    switch (input) {
    case StepInput::targets:
        return 4 * tokens_per_step;
    case StepInput::weights:
        return 8 * tokens_per_step;
    case StepInput::scaled_weights:
        return 12 * tokens_per_step;
    case StepInput::patches:
        return layout.patch_offset;
    case StepInput::tokens:
    case StepInput::none:
        break;
    }
    return 0;
}

void place_step_operand(image_operand& operand, StepInput input, const ImageLayout& layout, std::uint64_t image_base,
                        std::uint64_t tokens_per_step, const Extent& extent, std::uint32_t micro_batch) {
    operand.address = image_base + layout.step_offset + offset_of(input, layout, tokens_per_step) +
                      4 * micro_batch * extent.rows * extent.cols;
    operand.pitch = 4 * extent.cols;
    operand.step_stride = layout.step_stride;
}

/// Tensors have no gaps, so an operator may see one with other rows and columns than it was made with.
void place_tensor_operand(image_operand& operand, const Tensor& tensor, const image_op& op, unsigned index) {
    const bool several = op.outer_count * op.inner_count != 1;
    const std::uint64_t cols = several ? tensor.cols : definition_of(op.kind).operands[index].extent(op).cols;
    operand.address = tensor.address;
    operand.pitch = cols * tensor.element_bytes();
    operand.format = tensor.format;
}

/// Sets `after` of the tensor operands of op number `index`, and takes note of what they touch.
void order_operands(const Graph& graph, Node& node, std::int32_t index, Hazards& hazards) {
    const auto for_each = [&](auto action) {
        for (unsigned i = 0; i < node.operands.size(); ++i)
            if (const TensorId id = node.operands[i].tensor; id != no_tensor)
                action(node.op.operands[i], ip::AddressRange{graph.tensor(id).address, graph.tensor(id).bytes()},
                       reads(node.op, i), writes(node.op, i));
    };
    for_each([&](image_operand& operand, ip::AddressRange range, bool, bool writes) {
        const std::int32_t after = writes ? hazards.before_write(range) : hazards.before_read(range);
        operand.after = after == Hazards::none ? IMAGE_NO_OP : static_cast<std::uint32_t>(after);
    });
    for_each([&](image_operand&, ip::AddressRange range, bool reads, bool) {
        if (reads) hazards.read(range, index);
    });
    for_each([&](image_operand&, ip::AddressRange range, bool, bool writes) {
        if (writes) hazards.write(range, index);
    });
}

image_header header(const Graph& graph, const ImageLayout& layout, std::uint64_t image_base,
                    const scenario::ModelParameters& model, const scenario::RunParameters& run,
                    const StepInputs& inputs) {
    image_header header{};
    header.magic = IMAGE_MAGIC;
    header.version = IMAGE_VERSION;
    header.bytes = layout.bytes;
    header.op_count = static_cast<std::uint32_t>(graph.nodes.size());
    header.op_bytes = layout.op_bytes;
    header.op_offset = layout.op_offset;
    header.step_count = run.steps;
    header.batch = run.batch;
    header.sequence = model.context;
    header.vocabulary = inputs.vocabulary();
    header.step_offset = layout.step_offset;
    header.step_stride = layout.step_stride;
    header.update_stride = layout.update_stride;
    header.update_offset = layout.update_offset;
    header.loss_address = graph.tensor(graph.loss).address;
    header.generate_count = run.generate;
    header.generate_op_count = graph.generate_op_count;
    header.logits_address = graph.tensor(graph.logits.front()).address;
    header.tokens_address = image_base + layout.tokens_offset;
    header.logits_pitch = product32("bytes of a row of logits", {inputs.vocabulary(), 4});
    header.boundary_token = inputs.text().boundary;
    header.temperature = static_cast<float>(run.temperature);
    header.flags = (run.record_commands ? IMAGE_RECORD : 0) | (run.early_updates ? IMAGE_EARLY_UPDATES : 0) |
                   (layout.validation_slots != 0 ? IMAGE_VALIDATE : 0);
    header.seed = run.seed;
    return header;
}

/// Operators of the first micro-batch's forward pass are the first ones, and its loss is computed by one of them.
std::uint32_t forward_ops(const Graph& graph) {
    const auto end = std::find_if(graph.nodes.begin(), graph.nodes.end(),
                                  [](const Node& node) { return node.op.image.phase != COMMAND_PHASE_FORWARD; });
    return static_cast<std::uint32_t>(end - graph.nodes.begin());
}

image_validation validation(const Graph& graph, const ImageLayout& layout, const scenario::RunParameters& run,
                            std::uint32_t first_step) {
    return {first_step, run.validate_every, layout.validation_slots, layout.slots, forward_ops(graph), 0};
}

std::uint32_t validation_slots(const scenario::RunParameters& run, std::uint64_t input_bytes) {
    if (!(run.validation > 0)) return 0;
    const std::uint64_t bytes = run.validation_batches * input_bytes;
    if (bytes > step_limit_bytes)
        throw ScheduleError(fmt::format("run.validation_batches = {}: their inputs take {}, more than the {} there are "
                                        "for them",
                                        run.validation_batches, format_bytes(bytes), format_bytes(step_limit_bytes)));
    return run.validation_batches;
}

/// From record to record.
std::uint32_t op_bytes(const std::vector<Node>& nodes) {
    std::size_t operands = 0;
    for (const Node& node : nodes)
        operands = std::max(operands, node.op.operands.size());
    return static_cast<std::uint32_t>(sizeof(image_op) + operands * sizeof(image_operand));
}

} // namespace

std::uint32_t flags_of(const Schedule& schedule) {
    image_header header{};
    if (schedule.image.size() >= sizeof header) std::memcpy(&header, schedule.image.data(), sizeof header);
    return header.flags;
}

std::vector<std::uint64_t> record_of(const Op& op) {
    const std::size_t operand_bytes = op.operands.size() * sizeof(image_operand);
    std::vector<std::uint64_t> record((sizeof op.image + operand_bytes) / sizeof(std::uint64_t));
    auto* const bytes = reinterpret_cast<std::uint8_t*>(record.data());
    std::memcpy(bytes, &op.image, sizeof op.image);
    std::copy_n(reinterpret_cast<const std::uint8_t*>(op.operands.data()), operand_bytes, bytes + sizeof op.image);
    return record;
}

ImageLayout image_layout(const scenario::ModelParameters& model, const scenario::RunParameters& run,
                         const std::vector<Node>& nodes, std::uint64_t step_room) {
    const std::uint64_t micro_batch = product32("batch * context", {run.batch, model.context});
    const std::uint64_t tokens = product32("batch * context * accumulate", {micro_batch, run.accumulate});
    const std::uint64_t patch_offset = (tokens * bytes_per_token(run) + 63) / 64 * 64;
    const std::uint64_t inputs = patch_offset + (patch_values(model, run) * 4 + 63) / 64 * 64;
    if (inputs > step_limit_bytes)
        throw ScheduleError(fmt::format("the inputs of a step of {} {} take {}, more than the {} there are for them",
                                        tokens, model.patch_values == 0 ? "tokens" : "patches", format_bytes(inputs),
                                        format_bytes(step_limit_bytes)));
    const std::uint64_t room = std::max<std::uint64_t>(2, step_room / (inputs + sizeof(image_update)));
    ImageLayout layout;
    layout.op_offset = aligned(sizeof(image_header) + sizeof(image_validation));
    layout.op_bytes = op_bytes(nodes);
    layout.step_offset = aligned(layout.op_offset + nodes.size() * layout.op_bytes);
    layout.step_stride = static_cast<std::uint32_t>(inputs);
    layout.patch_offset = patch_offset;
    layout.slots = static_cast<std::uint32_t>(std::min<std::uint64_t>(run.steps, room));
    layout.validation_slots = validation_slots(run, inputs);
    layout.update_offset = aligned(layout.step_offset + inputs * (layout.slots + layout.validation_slots));
    const bool all_steps = layout.slots == run.steps;
    layout.update_stride = all_steps ? sizeof(image_update) : 0;
    const std::uint64_t records = all_steps ? run.steps : 1;
    layout.tokens_offset = aligned(layout.update_offset + sizeof(image_update) * records);
    layout.bytes = aligned(layout.tokens_offset + micro_batch * 4);
    return layout;
}

void place_operands(Graph& graph, const ImageLayout& layout, std::uint64_t image_base) {
    const std::uint64_t tokens_per_step = graph.logits.size() * graph.tensor(graph.logits.front()).rows;
    Hazards hazards;
    for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
        Node& node = graph.nodes[index];
        for (unsigned i = 0; i < node.operands.size(); ++i) {
            const Operand& from = node.operands[i];
            image_operand& operand = node.op.operands[i];
            if (from.tensor != no_tensor)
                place_tensor_operand(operand, graph.tensor(from.tensor), node.op.image, i);
            else if (from.input != StepInput::none)
                place_step_operand(operand, from.input, layout, image_base, tokens_per_step,
                                   definition_of(node.op.image.kind).operands[i].extent(node.op.image),
                                   node.micro_batch);
            operand.after = IMAGE_NO_OP;
        }
        order_operands(graph, node, static_cast<std::int32_t>(index), hazards);
    }
}

std::vector<std::uint8_t> write_image(const Graph& graph, const ImageLayout& layout, std::uint64_t image_base,
                                      const scenario::ModelParameters& model, const scenario::RunParameters& run,
                                      const StepInputs& inputs, std::uint32_t first_step) {
    std::vector<std::uint8_t> image(layout.bytes);
    const auto put = [&image](std::uint64_t offset, const void* from, std::size_t bytes) {
        std::memcpy(image.data() + offset, from, bytes);
    };
    const image_header head = header(graph, layout, image_base, model, run, inputs);
    put(0, &head, sizeof head);
    const image_validation validate = validation(graph, layout, run, first_step);
    if (validate.batches != 0) put(sizeof head, &validate, sizeof validate);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const std::vector<std::uint64_t> record = record_of(graph.nodes[i].op);
        put(layout.op_offset + i * layout.op_bytes, record.data(), record.size() * sizeof record[0]);
    }
    return image;
}

} // namespace gradus::schedule
