// SPDX-License-Identifier: Apache-2.0
// A SystemC kernel simulates once a process. A test that compares simulations runs each in a child of its own.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace gradus::test {

/// What `simulate` returns, run in a child process. Throws when the child dies of something else.
inline std::string run_in_child(const std::function<std::string()>& simulate) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("no child process");
    if (child == 0) {
        close(ends[0]);
        const std::string text = simulate();
        for (std::size_t sent = 0; sent < text.size();) {
            const ssize_t count = write(ends[1], text.data() + sent, text.size() - sent);
            if (count <= 0) _exit(2);
            sent += static_cast<std::size_t>(count);
        }
        _exit(0);
    }
    close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t count; (count = read(ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(count));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) throw std::runtime_error("the simulation in the child process failed");
    return text;
}

} // namespace gradus::test
