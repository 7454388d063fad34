// SPDX-License-Identifier: Apache-2.0
// Runs the program as a user does who sits at a terminal.
#pragma once

#include <map>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/program.h"

namespace gradus::test {

/// What the program writes, stdout and stderr together, on a terminal of that many columns; `environment` is added to
/// one that says nothing about colours.
inline ProgramRun run_on_terminal(const std::vector<std::string>& arguments, unsigned short columns,
                                  const std::map<std::string, std::string>& environment = {}) {
    winsize size{};
    size.ws_col = columns;
    size.ws_row = 50;
    int master = -1;
    const pid_t child = ::forkpty(&master, nullptr, nullptr, &size);
    if (child == 0) {
        for (const char* name : {"NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"})
            ::unsetenv(name);
        ::setenv("TERM", "xterm", 1);
        for (const auto& [name, value] : environment)
            ::setenv(name.c_str(), value.c_str(), 1);
        std::vector<std::string> words = arguments;
        words.insert(words.begin(), GRADUS_PROGRAM);
        std::vector<char*> argv;
        for (std::string& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    ProgramRun run;
    char part[4096];
    // The terminal's end: an error, once nobody has it open any more.
    for (ssize_t count; (count = ::read(master, part, sizeof part)) > 0;)
        run.out.append(part, static_cast<std::size_t>(count));
    ::close(master);
    int status = 0;
    ::waitpid(child, &status, 0);
    run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return run;
}

} // namespace gradus::test
