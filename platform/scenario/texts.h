// SPDX-License-Identifier: Apache-2.0
// Which texts a run takes and generates.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "platform/scenario/parameters.h"
#include "platform/scenario/read_file.h"

namespace gradus::scenario {

/// Every token of a text hangs on the numbers before it. Where none are computed there is nothing to choose from, and
/// how long a text would take is not known: it is left out.
inline unsigned texts_left_out(const RunParameters& run) { return run.data == DataPlane::none ? run.generate : 0; }
inline unsigned texts_to_generate(const RunParameters& run) { return run.generate - texts_left_out(run); }

/// A training text in a file may have any size: of tokens, only what steps take is read. What comes out of a pipe is
/// kept in memory.
inline std::uint64_t largest_text(const std::string& path) {
    return is_regular(path) ? std::numeric_limits<std::uint64_t>::max() : largest_file;
}

} // namespace gradus::scenario
