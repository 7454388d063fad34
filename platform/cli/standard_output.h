// SPDX-License-Identifier: Apache-2.0
// What the program says: answers on stdout, complaints on stderr. Neither ever ends the program, wherever they lead: a
// terminal that has gone, a pipe that nobody reads, a full disk. Whether all that was put out has arrived is asked
// once, when everything else is done.
#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gradus::cli {

/// Text for stdout, through a buffer.
void put(std::string_view text);
template <typename... Arguments>
void print(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    put(fmt::format(format, std::forward<Arguments>(arguments)...));
}
void flush_output();

/// "gradus: MESSAGE" on stderr, after what was put out before it. Control characters, which names of files can have,
/// are shown as '?'.
void complain(std::string_view message);

/// Flushes stdout and returns whether everything has arrived there. Complains if not, unless whoever read it has had
/// enough (EPIPE).
bool all_was_put_out();

/// What a program needs of its surroundings so that every failure to write is an error of that write alone: signals
/// that would end it are ignored, and the first file it opens does not become its stdout.
void prepare_output();

} // namespace gradus::cli
