// SPDX-License-Identifier: Apache-2.0
// The traces of `gradus op`: what every unit does for one operator, without the warm-up before it.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "platform/cli/options.h"
#include "platform/scenario/parameters.h"
#include "platform/schedule/operator.h"

namespace gradus::cli {

struct OpTraceFiles {
    std::string perfetto, vcd; ///< paths; empty: not asked for
    bool any() const { return !perfetto.empty() || !vcd.empty(); }
};

/// What --trace and --vcd say. Throws UsageError for a file that cannot be written, and for several shapes.
OpTraceFiles op_trace_files(const Values& values, std::size_t shapes);

/// Simulates the operator again and writes the time that `entry`, of validate::measure(), is about. Returns lines that
/// name the files. Throws validate::SimulationError.
std::string write_op_traces(const OpTraceFiles& files, const nlohmann::ordered_json& entry,
                            const scenario::ChipParameters& chip, const schedule::OperatorRequest& request,
                            scenario::DataPlane data, const std::string& firmware);

} // namespace gradus::cli
