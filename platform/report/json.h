// SPDX-License-Identifier: Apache-2.0
// result.json, documented field by field in doc/result.md. Deterministic but for the object `host`.
#pragma once

#include <string>

#include "platform/observe/result.h"
#include "platform/schedule/schedule.h"

namespace gradus::report {

/// Indented by two blanks, ending in a line feed. Text that is not UTF-8 has its broken bytes replaced by U+FFFD.
std::string to_json(const observe::Result& result, const schedule::Schedule& schedule);

} // namespace gradus::report
