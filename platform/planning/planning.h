// SPDX-License-Identifier: Apache-2.0
// What the training firmware refuses, before anything is simulated: its kernels plan every operator of the schedule on
// the host, for the chip that the info block describes.
//
// Found: an operator whose tiles do not fit the scratchpad, and a chip that lacks what the runtime needs. A kernel
// takes its tiles from the arena before all but its first few commands, and a plan depends on shapes only; so operators
// of one shape are planned once, and no further than that.
#pragma once

#include "platform/chip/simulation.h"
#include "platform/scenario/parameters.h"
#include "platform/schedule/schedule.h"

namespace gradus::planning {

/// Throws chip::Refused with the first line that the training firmware would complain with.
void plan(const scenario::ChipParameters& chip, const schedule::Schedule& schedule);

/// Lets a run of the training firmware be planned when its chip is loaded, before it begins. Other firmware has plans
/// of its own.
void plan_before_start(chip::Inputs& inputs);

} // namespace gradus::planning
