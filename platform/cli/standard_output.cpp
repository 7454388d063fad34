// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/standard_output.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "platform/report/layout.h"
#include "platform/report/terminal.h"
#include "platform/text/plain.h"

namespace gradus::cli {

namespace {

int first_error = 0; // of stdout

void note_error(bool failed) {
    if (failed && !first_error) first_error = errno;
}

} // namespace

void put(std::string_view text) { note_error(std::fwrite(text.data(), 1, text.size(), stdout) != text.size()); }

void flush_output() { note_error(std::fflush(stdout) != 0); }

void complain(std::string_view message) {
    flush_output();
    std::string text = "gradus: ";
    for (std::size_t begin = 0; begin <= message.size();) {
        const std::size_t end = std::min(message.find('\n', begin), message.size());
        text += text::plain(message.substr(begin, end - begin), std::string_view::npos) + "\n";
        begin = end + 1;
    }
    const report::Terminal terminal = report::terminal(stderr);
    if (!terminal.read_by_programs) text = report::fitted(text, terminal.width);
    std::fwrite(text.data(), 1, text.size(), stderr);
}

bool all_was_put_out() {
    flush_output();
    if (first_error && first_error != EPIPE)
        complain(fmt::format("cannot write to the standard output: {}", std::strerror(first_error)));
    return first_error == 0;
}

void prepare_output() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    // In a mode in which whatever uses them fails, as it would if they were closed.
    for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(file, F_GETFD) < 0) ::open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

} // namespace gradus::cli
