// SPDX-License-Identifier: Apache-2.0
// sweep.html: the points of a sweep as one file that needs no other and loads nothing from anywhere.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace gradus::report {

/// `sweep` holds
///   title, scenario        texts
///   axes                   [{"name": "chip.dma.channels", "short": "channels", "levels": ["1", "2"]} (a key that
///   varies)
///                           or {"name": "totals.time_ps", "short": "time_ps", "goal": "minimise" | "maximise" | null}]
///   points                 [{"id", "status", "front", "values": [an entry an axis: a number, or null], "message"}]
/// The value of a key that varies is the number of its level.
std::string sweep_page(const nlohmann::ordered_json& sweep);

} // namespace gradus::report
