// SPDX-License-Identifier: Apache-2.0
// What a replay found, for people and for programs. See doc/replay.md.
#pragma once

#include <optional>
#include <string>

#include "platform/replay/player.h"
#include "platform/report/terminal.h"

namespace gradus::replay {

/// Where the requests come from, and what was assumed of them.
struct Source {
    std::string trace; ///< the file, or "-"
    TraceFormat format = TraceFormat::gradus;
    bool recognised = true;                 ///< and not asked for
    std::optional<double> cycle_ps;         ///< of a format with cycles
    bool clock_of_dram = true;              ///< because nobody said another
    std::optional<ip::Bytes> request_bytes; ///< of a format that need not say it
    bool bytes_of_burst = true;
};

/// At most 32 lines of windows: neighbours are taken together where there are more.
std::string as_text(const Result& result, const Source& source, std::size_t width = report::usual_width);
/// JSON, with all windows.
std::string as_json(const Result& result, const Source& source);

} // namespace gradus::replay
