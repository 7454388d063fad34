// SPDX-License-Identifier: Apache-2.0
// Runs the program as a user would, from the top of the repository or from elsewhere, and catches what it prints.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include <sys/wait.h>

#include "tests/support/temporary_folder.h"

namespace gradus::test {

struct ProgramRun {
    int exit_code = 0; ///< or 128 and the signal that killed it
    std::string out;
    std::string err;
};

/// For a shell, whatever the text holds.
inline std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char each : text)
        result += each == '\'' ? std::string("'\\''") : std::string(1, each);
    return result + "'";
}

/// In `folder`; empty: where the test itself runs.
inline ProgramRun run_program(const std::vector<std::string>& arguments, const std::string& folder = "") {
    const TemporaryFolder caught;
    std::string command = folder.empty() ? "" : "cd " + quoted(folder) + " && ";
    command += "exec " GRADUS_PROGRAM;
    for (const std::string& argument : arguments)
        command += " " + quoted(argument);
    command += " >" + quoted(caught.path("out")) + " 2>" + quoted(caught.path("err")) + " </dev/null";
    const int status = std::system(command.c_str());
    ProgramRun run;
    run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    run.out = file_content(caught.path("out"));
    run.err = file_content(caught.path("err"));
    return run;
}

} // namespace gradus::test
