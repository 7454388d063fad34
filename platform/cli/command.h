// SPDX-License-Identifier: Apache-2.0
// The subcommands. Each is one file with one of these objects in it; main.cpp lists them.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/cli/exit_code.h"

namespace gradus::cli {

/// Arguments that make no sense, as one message for people.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct Command {
    std::string_view name;
    std::string_view operand; ///< of its usage line: "SCENARIO", "A B ..."; empty: takes none
    std::string_view summary; ///< one line
    int (*run)(const std::vector<std::string>& arguments);
};

extern const Command run_command;
extern const Command schedule_command;
extern const Command info_command;
extern const Command check_command;
extern const Command op_command;
extern const Command validate_command;
extern const Command replay_command;
extern const Command compare_command;
extern const Command whatif_command;
extern const Command sweep_command;
extern const Command report_command;
extern const Command calibrate_command;

} // namespace gradus::cli
