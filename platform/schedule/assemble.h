// SPDX-License-Identifier: Apache-2.0
// The last stretch of building a schedule: from a graph of operators to addresses and the image.
#pragma once

#include "platform/schedule/graph.h"
#include "platform/schedule/image.h"
#include "platform/schedule/text.h"

namespace gradus::schedule {

/// Gives tensors and operands their addresses. Throws ScheduleError for what does not fit into `dram`.
ImageLayout place(Graph& graph, const scenario::ModelParameters& model, const scenario::RunParameters& run,
                  ip::AddressRange dram, std::uint64_t step_room = step_room_bytes);

/// Places and fills, for steps `first_step` to run.steps. Throws ScheduleError for what does not fit into `dram`.
Schedule assemble(Graph graph, const scenario::ModelParameters& model, const scenario::RunParameters& run,
                  StepInputs inputs, ip::AddressRange dram, std::uint64_t step_room = step_room_bytes,
                  std::uint32_t first_step = 0);

} // namespace gradus::schedule
