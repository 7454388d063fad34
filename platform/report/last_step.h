// SPDX-License-Identifier: Apache-2.0
// The last step as a result of its own, so that whatever is said of a run can be said of a step in the long run too.
#pragma once

#include <optional>

#include "platform/observe/result.h"

namespace gradus::report {

/// Time, units, operators, critical path, memories and counts are those of the last step; there are no steps in it, no
/// curves over time and no traffic by unit. Of its memories, the numbers of transactions are not known. Nothing when
/// the run had no step.
std::optional<observe::Result> last_step_of(const observe::Result& result);

} // namespace gradus::report
