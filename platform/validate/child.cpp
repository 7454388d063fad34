// SPDX-License-Identifier: Apache-2.0
#include "platform/validate/child.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gradus::validate {

namespace {

constexpr int threw = 1;

void write_all(int file, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t count = ::write(file, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) _exit(threw); // nobody listens any more
        done += static_cast<std::size_t>(count);
    }
}

std::string read_all(int file) {
    std::string text;
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t count = ::read(file, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

[[noreturn]] void serve(int file, const std::function<std::string()>& work) {
    std::string answer;
    int code = 0;
    try {
        answer = work();
    } catch (const std::exception& error) {
        answer = error.what();
        code = threw;
    } catch (...) {
        answer = "something that is no std::exception was thrown";
        code = threw;
    }
    write_all(file, answer);
    _exit(code); // not exit(): destructors and buffers are the parent's
}

} // namespace

std::string in_child(const std::function<std::string()>& work) {
    std::array<int, 2> pipe{};
    std::fflush(nullptr);
    if (::pipe(pipe.data()) != 0) throw std::runtime_error(fmt::format("no pipe to a child: {}", std::strerror(errno)));
    const pid_t child = fork();
    if (child == 0) {
        close(pipe[0]);
        serve(pipe[1], work);
    }
    close(pipe[1]);
    if (child < 0) {
        close(pipe[0]);
        throw std::runtime_error(fmt::format("no child process: {}", std::strerror(errno)));
    }
    std::string answer = read_all(pipe[0]);
    close(pipe[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (WIFSIGNALED(status))
        throw std::runtime_error(
            fmt::format("the child was ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status))));
    if (WEXITSTATUS(status) != 0) throw std::runtime_error(answer);
    return answer;
}

} // namespace gradus::validate
