// SPDX-License-Identifier: Apache-2.0
// The options of `gradus run` that say which traces are written, and of what.
#pragma once

#include "platform/cli/options.h"
#include "platform/observe/traces.h"
#include "platform/schedule/schedule.h"

namespace gradus::cli {

void add_trace_options(Options& options);

observe::TraceKinds trace_kinds(const Values& values, const scenario::Scenario& scenario);

/// Throws UsageError for a window or filter that makes no sense, or that no trace is there to apply to. Warns on stderr
/// of a filter that finds nothing.
observe::TraceSelection trace_selection(const Values& values, const scenario::Scenario& scenario,
                                        const schedule::Schedule& schedule,
                                        const std::vector<observe::BlockPower>& power);

} // namespace gradus::cli
