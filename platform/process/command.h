// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace gradus::process {

struct CommandOutput {
    bool succeeded = false;
    std::string text; ///< of stdout and stderr together
};

/// Runs a program, found by PATH, with `words`; no shell gives them another meaning. `input` is its stdin.
CommandOutput run_command(const std::vector<std::string>& words, const std::string& input = "");

} // namespace gradus::process
