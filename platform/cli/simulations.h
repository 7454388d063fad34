// SPDX-License-Identifier: Apache-2.0
// For subcommands that simulate several scenarios.
#pragma once

#include <string>
#include <vector>

#include "platform/cli/options.h"
#include "platform/explore/pool.h"
#include "platform/explore/result_file.h"

namespace gradus::cli {

/// --jobs, --firmware.
void add_simulation_options(Options& options);

/// Throws UsageError.
explore::PoolOptions pool_options(const Command& command, const Values& values);
/// What --firmware says, or the program's own. Throws UsageError for one that cannot be read.
std::string chosen_firmware(const Command& command, const Values& values);

/// The results of `points`, titled with `titles`, several at a time. Throws validate::SimulationError for the first
/// that failed.
std::vector<explore::ResultFile> simulate(const Command& command, const Values& values,
                                          const std::vector<scenario::Scenario>& points,
                                          const std::vector<std::string>& titles);

} // namespace gradus::cli
