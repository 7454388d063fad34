// SPDX-License-Identifier: Apache-2.0
// What a replay found, for people and for programs. See doc/replay.md.
#pragma once

#include <string>

#include "platform/replay/player.h"

namespace gradus::replay {

/// At most 32 lines of windows: neighbours are taken together where there are more.
std::string as_text(const Result& result);
/// JSON, with all windows.
std::string as_json(const Result& result, const std::string& trace);

} // namespace gradus::replay
