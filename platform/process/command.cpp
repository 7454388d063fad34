// SPDX-License-Identifier: Apache-2.0
#include "platform/process/command.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gradus::process {

namespace {

[[noreturn]] void become(const std::vector<std::string>& words, int input, int output) {
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str())); // execvp() does not write to them
    arguments.push_back(nullptr);
    std::signal(SIGPIPE, SIG_DFL); // what this process ignores, a program would, too
    std::signal(SIGXFSZ, SIG_DFL);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    fmt::print(stderr, "{}: {}", words[0], std::strerror(errno));
    std::fflush(stderr);
    _exit(127);
}

} // namespace

CommandOutput run_command(const std::vector<std::string>& words, const std::string& input) {
    // The input goes through a file, which holds it whole: neither side can wait for the other.
    std::FILE* file = std::tmpfile();
    std::array<int, 2> ends{};
    if (!file || pipe(ends.data()) != 0) {
        const int error = errno; // before closing changes it
        if (file) std::fclose(file);
        return {false, fmt::format("{}: {}", words[0], std::strerror(error))};
    }
    if (std::fwrite(input.data(), 1, input.size(), file) != input.size() || std::fflush(file) != 0) {
        const std::string reason = std::strerror(errno);
        std::fclose(file);
        close(ends[0]);
        close(ends[1]);
        return {false, fmt::format("{}: its input cannot be written: {}", words[0], reason)};
    }
    std::rewind(file);
    std::fflush(nullptr);
    const pid_t child = fork();
    const int fork_error = errno;
    if (child == 0) become(words, fileno(file), ends[1]);
    close(ends[1]);
    std::fclose(file);
    CommandOutput output;
    if (child < 0) output.text = fmt::format("{}: {}", words[0], std::strerror(fork_error));
    std::array<char, 4096> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
    for (;;) {
        const ssize_t count = ::read(ends[0], buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        output.text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    close(ends[0]);
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    output.succeeded = child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return output;
}

} // namespace gradus::process
