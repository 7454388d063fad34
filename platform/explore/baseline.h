// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "platform/explore/database.h"
#include "platform/explore/sweep_file.h"

namespace gradus::explore {

/// The point that is the scenario as it was, with what [set] says and without what varies; nothing if it is none of
/// them.
std::optional<std::int64_t> baseline_of(const Sweep& sweep, Database& database);

} // namespace gradus::explore
