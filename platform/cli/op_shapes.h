// SPDX-License-Identifier: Apache-2.0
// The shapes of `gradus op`: those of --shape, and those of the file of --list.
#pragma once

#include <vector>

#include "platform/cli/options.h"
#include "platform/schedule/layers.h"

namespace gradus::cli {

struct OpShape {
    schedule::ListedShape listed; ///< without place and name if --shape says it
    schedule::OperatorRequest request;
};

/// At least one, and each can be run on `chip`. Says on stderr what of a layer is not modelled. Throws UsageError and
/// schedule::ScheduleError.
std::vector<OpShape> op_shapes(const Values& values, const schedule::OperatorShape& op,
                               const scenario::ChipParameters& chip);

} // namespace gradus::cli
