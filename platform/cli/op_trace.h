// SPDX-License-Identifier: Apache-2.0
// The traces of `gradus op`: what every unit does for one operator, without the warm-up before it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "platform/cli/options.h"
#include "platform/files/whole_file.h"
#include "platform/scenario/parameters.h"
#include "platform/schedule/operator.h"

namespace gradus::cli {

struct WrittenTraces {
    std::string lines;               ///< that name the files
    std::vector<std::string> errors; ///< files that could not be written; messages for people
};

/// The files, claimed before anything is simulated.
struct OpTraces {
    std::optional<files::WholeFile> perfetto, vcd, save_file; ///< nothing: not asked for

    /// Simulates the operator again and writes the time that `entry`, of validate::measure(), is about. Throws
    /// validate::SimulationError.
    WrittenTraces write(const nlohmann::ordered_json& entry, const scenario::ChipParameters& chip,
                        const schedule::OperatorRequest& request, scenario::DataPlane data,
                        const std::string& firmware);
};

/// What --trace and --vcd say; nothing if they are not there. Throws UsageError for a file that cannot be written, and
/// for several shapes.
std::optional<OpTraces> op_traces(const Values& values, std::size_t shapes);

} // namespace gradus::cli
