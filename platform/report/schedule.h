// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "platform/report/terminal.h"
#include "platform/schedule/schedule.h"

namespace gradus::report {

/// What `gradus schedule` prints: the operators of a step, and the memory plan.
std::string describe(const schedule::Schedule& schedule, std::size_t width = usual_width);

} // namespace gradus::report
