// SPDX-License-Identifier: Apache-2.0
// NO_COLOR: https://no-color.org; CLICOLOR_FORCE: https://bixense.com/clicolors.
#include "platform/report/terminal.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace gradus::report {

namespace {

constexpr std::size_t least_width = 20; // less is no terminal that anybody reads
constexpr std::size_t most_width = 1000;

/// Empty: not set.
std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::optional<std::size_t> columns_variable() {
    const std::string_view text = variable("COLUMNS");
    std::size_t width = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error != std::errc{} || end != text.data() + text.size() || width == 0) return std::nullopt;
    return width;
}

std::size_t width_of(int descriptor) {
    if (const auto width = columns_variable()) return *width;
    winsize size{};
    return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual_width;
}

} // namespace

Terminal terminal(std::FILE* out) {
    Terminal terminal;
    const int descriptor = ::fileno(out); // -1 of a stream in memory
    const bool is_terminal = descriptor >= 0 && ::isatty(descriptor) == 1;
    terminal.rewrites = is_terminal && variable("TERM") != "dumb";
    const std::string_view forced = variable("CLICOLOR_FORCE");
    terminal.colour = variable("NO_COLOR").empty() && (terminal.rewrites || (!forced.empty() && forced != "0"));
    terminal.read_by_programs = !is_terminal;
    if (is_terminal) terminal.width = std::clamp(width_of(descriptor), least_width, most_width);
    return terminal;
}

} // namespace gradus::report
