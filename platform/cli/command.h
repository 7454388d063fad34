// SPDX-License-Identifier: Apache-2.0
// The subcommands. Each is one file with one of these objects in it; main.cpp lists them.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::cli {

// What the program exits with. Otherwise it is what the firmware exits with.
inline constexpr int exit_ok = 0;
inline constexpr int exit_usage = 2;         ///< bad arguments or input: nothing was simulated
inline constexpr int exit_simulation = 3;    ///< the simulation did not end by the firmware's own exit
inline constexpr int exit_interrupted = 130; ///< as a shell reports SIGINT

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
