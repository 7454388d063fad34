// SPDX-License-Identifier: Apache-2.0
// The commands of the first training step, as the training firmware submits them: its kernels run on the host, for the
// chip that the info block describes. Later steps run the same ones again, where the rings have room for them.
#pragma once

#include <cstdint>
#include <functional>

#include "ip/common/command.h"
#include "platform/scenario/parameters.h"
#include "platform/schedule/schedule.h"

namespace gradus::planning {

/// Command `number` of a queue, from 0 on.
using Visitor = std::function<void(unsigned queue, std::uint32_t number, const command& descriptor)>;

/// In the order of submission, with the fence that ends the step. Throws chip::Refused as plan() does.
void visit_commands(const scenario::ChipParameters& chip, const schedule::Schedule& schedule, const Visitor& visit);

} // namespace gradus::planning
