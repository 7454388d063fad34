// SPDX-License-Identifier: Apache-2.0
// result.json, documented field by field in doc/result.md. Deterministic but for the object `host`.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "platform/observe/result.h"
#include "platform/schedule/schedule.h"

namespace gradus::report {

nlohmann::ordered_json result_json(const observe::Result& result, const schedule::Schedule& schedule);

/// The same as text, by json_text().
std::string to_json(const observe::Result& result, const schedule::Schedule& schedule);

} // namespace gradus::report
