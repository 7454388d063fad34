// SPDX-License-Identifier: Apache-2.0
// One screen about a run, for a terminal of 80 columns that shows UTF-8: what ran, how fast, where the time went, and
// what bounds it. At most 50 lines; names from outside are cut to their columns and cannot smuggle escape sequences.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "platform/observe/result.h"
#include "platform/report/terminal.h"
#include "platform/schedule/schedule.h"

namespace gradus::report {

/// `colour` adds ANSI escape sequences. `files` are paths that were written; they are shown whole, however long. With
/// less than 80 columns charts shrink, and there are more lines; with more nothing changes.
std::string summary(const observe::Result& result, const schedule::Schedule& schedule, bool colour,
                    const std::vector<std::string>& files = {}, std::size_t width = usual_width);

} // namespace gradus::report
