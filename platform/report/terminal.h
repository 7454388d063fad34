// SPDX-License-Identifier: Apache-2.0
// What a stream can show. The one place that looks at terminals and at what the environment says about them.
#pragma once

#include <cstddef>
#include <cstdio>

namespace gradus::report {

/// Of what is no terminal, and of the tables in files.
inline constexpr std::size_t usual_width = 80;

struct Terminal {
    bool rewrites = false;         ///< a line can be written over: a terminal, unless TERM is "dumb"
    bool colour = false;           ///< rewrites, unless NO_COLOR is set; always if CLICOLOR_FORCE is set, and not to 0
    bool read_by_programs = false; ///< no terminal: what stands on a line is to stay there
    std::size_t width = usual_width; ///< columns; of a terminal COLUMNS if set, else what it says
};

/// As it is now: a window may change its width at any time.
Terminal terminal(std::FILE* out);

} // namespace gradus::report
