// SPDX-License-Identifier: Apache-2.0
// Writes the schedule image (firmware/include/schedule_image.h): header, operators, inputs and update scalars of every
// step, and room for the tokens of text generation. Parts are aligned to 256 bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "platform/schedule/graph.h"
#include "platform/schedule/text.h"

namespace gradus::schedule {

/// Inputs and update scalars of all steps may take no more than this.
inline constexpr std::uint64_t step_table_limit_bytes = 64u << 20;

/// Offsets from the start of the image.
struct ImageLayout {
    std::uint64_t op_offset = 0;
    std::uint64_t step_offset = 0;
    std::uint32_t step_stride = 0;
    std::uint64_t update_offset = 0;
    std::uint64_t tokens_offset = 0;
    std::uint64_t bytes = 0;
};

/// ScheduleError when the step table exceeds its limit.
ImageLayout image_layout(const scenario::ModelParameters& model, const scenario::RunParameters& run,
                         std::size_t op_count);

/// Fills in addresses, pitches and `after` of every operator's record; tensors have their addresses.
void place_operands(Graph& graph, const ImageLayout& layout, std::uint64_t image_base);

/// Learning rate of step `step` (from 0): rises linearly over run.warmup_steps, then follows the schedule from the full
/// rate down to (but not reaching) zero at run.steps. A run may end while it still warms up.
double learning_rate(const scenario::RunParameters& run, std::uint32_t step);

std::vector<std::uint8_t> write_image(const Graph& graph, const ImageLayout& layout, std::uint64_t image_base,
                                      const scenario::ModelParameters& model, const scenario::RunParameters& run,
                                      StepInputs& inputs);

} // namespace gradus::schedule
