// SPDX-License-Identifier: Apache-2.0
// The memory plan for people: what lies where in DRAM, and how full the activations' arena is over a step.
#pragma once

#include <cstddef>
#include <string>

#include "platform/report/terminal.h"
#include "platform/schedule/schedule.h"

namespace gradus::report {

/// Arenas, then the `most` largest tensors, then the picture.
std::string describe_memory(const schedule::Schedule& schedule, std::size_t most, std::size_t width = usual_width);

} // namespace gradus::report
