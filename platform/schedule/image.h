// SPDX-License-Identifier: Apache-2.0
// Writes the schedule image (firmware/include/schedule_image.h): header and operators, with room for the inputs and
// update records of steps, which step_feed.h fills, and for the tokens of text generation. Parts are aligned to 256
// bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "platform/schedule/graph.h"
#include "platform/schedule/text.h"

namespace gradus::schedule {

/// Inputs of one step may take no more than this, and those of all batches of a validation.
inline constexpr std::uint64_t step_limit_bytes = 64u << 20;

/// Offsets from the start of the image.
struct ImageLayout {
    std::uint64_t op_offset = 0;
    std::uint32_t op_bytes = 0; ///< from record to record
    std::uint64_t step_offset = 0;
    std::uint32_t step_stride = 0;
    std::uint64_t patch_offset = 0;     ///< of a model of images: patches, from the start of a step's inputs
    std::uint32_t slots = 0;            ///< of step inputs; as many as steps, or a ring
    std::uint32_t validation_slots = 0; ///< behind them: as many as a validation has batches
    std::uint64_t update_offset = 0;
    std::uint32_t update_stride = 0;
    std::uint64_t tokens_offset = 0;
    std::uint64_t bytes = 0;
};

/// An operator as the image holds it: an image_op and its operands.
std::vector<std::uint64_t> record_of(const Op& op);

/// IMAGE_* of the image's header; none without an image.
std::uint32_t flags_of(const Schedule& schedule);

/// ScheduleError when the inputs of a step, or those of a validation, exceed their limit.
ImageLayout image_layout(const scenario::ModelParameters& model, const scenario::RunParameters& run,
                         const std::vector<Node>& nodes, std::uint64_t step_room);

/// Fills in addresses, pitches and `after` of every operator's record; tensors have their addresses.
void place_operands(Graph& graph, const ImageLayout& layout, std::uint64_t image_base);

std::vector<std::uint8_t> write_image(const Graph& graph, const ImageLayout& layout, std::uint64_t image_base,
                                      const scenario::ModelParameters& model, const scenario::RunParameters& run,
                                      const StepInputs& inputs, std::uint32_t first_step);

} // namespace gradus::schedule
