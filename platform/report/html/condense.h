// SPDX-License-Identifier: Apache-2.0
// What the page shows of a result, in a size that does not grow with the run: steps are summarised in windows, each
// with how many steps it stands for, and an operator keeps the figures that charts are drawn from.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "platform/report/html/shape.h"

namespace gradus::report {

/// Windows of steps are equally long; there are at most this many.
inline constexpr std::size_t most_step_windows = 1000;
/// More operators than this are summed up by phase, layer and kind; `ops_are_groups` says so.
inline constexpr std::size_t most_operators = 3000;

/// `steps` become
///   {"first", "count", "time_ps", "loss", "least_loss", "largest_loss"}
/// with the mean of the losses; null when there is none. `validation.runs` are thinned out to as many. Added is
///   alive: {"course": [[begin_ps, bytes] by operator], "length_ps"}
/// what of the activations is alive in the course of a mean step; null without a step.
nlohmann::ordered_json condensed(const CheckedResult& checked);

} // namespace gradus::report
