// SPDX-License-Identifier: Apache-2.0
// gradus: the command line. Subcommands are listed here; each is a file of its own.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <systemc>

#include "platform/cli/command.h"
#include "platform/process/pool.h"
#include "platform/scenario/nearest.h"

namespace {

using namespace gradus::cli;

const std::array commands{&run_command,       &schedule_command, &info_command,    &check_command,
                          &op_command,        &validate_command, &compare_command, &whatif_command,
                          &calibrate_command, &sweep_command,    &report_command,  &replay_command};

std::string help() {
    std::string text = "Gradus: a virtual chip that trains transformers.\n\nUsage: gradus SUBCOMMAND [options]\n\n";
    for (const Command* command : commands)
        text += fmt::format("  {:<9} {:<11}  {}\n", command->name, command->operand, command->summary);
    text += "\n  --version               print the version\n"
            "  --help                  print this help; after a subcommand, its options\n\n"
            "Exit codes: 0 all is well; 2 bad arguments or input, nothing was simulated; 3 the simulation failed (a "
            "fault,\n"
            "a hang); 130 it was interrupted; otherwise that of the firmware.\n";
    return text;
}

[[noreturn]] void fail_unknown(const std::string& name) {
    std::vector<std::string_view> names{"--help", "--version"};
    for (const Command* command : commands)
        names.push_back(command->name);
    throw UsageError(
        fmt::format("unknown subcommand '{}'; nearest: '{}'", name, gradus::scenario::nearest(name, names)));
}

int dispatch(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        fmt::print(stderr, "{}", help());
        return exit_usage;
    }
    const std::string& name = arguments.front();
    if (name == "--help" || name == "-h" || name == "help") {
        fmt::print("{}", help());
        return exit_ok;
    }
    if (name == "--version") {
        fmt::print("gradus {}\n", GRADUS_VERSION);
        return exit_ok;
    }
    const auto found =
        std::find_if(commands.begin(), commands.end(), [&](const Command* each) { return each->name == name; });
    if (found == commands.end()) fail_unknown(name);
    return (*found)->run({arguments.begin() + 1, arguments.end()});
}

/// The kernel's own chatter is for people who build models; warnings and errors stay, on stderr.
void report_to_stderr(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
    if ((actions & sc_core::SC_DISPLAY) && report.get_severity() != sc_core::SC_INFO)
        fmt::print(stderr, "{}\n", sc_core::sc_report_compose_message(report));
    sc_core::sc_report_handler::default_handler(report, actions & ~sc_core::SC_DISPLAY);
}

} // namespace

int sc_main(int argc, char* argv[]) {
    sc_core::sc_report_handler::set_handler(report_to_stderr);
    try {
        return dispatch({argv + 1, argv + argc});
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "gradus: out of memory; --data none needs much less\n");
        return exit_simulation;
    } catch (const gradus::process::Interrupted& interrupted) {
        fmt::print(stderr, "gradus: {}\n", interrupted.what());
        return exit_interrupted;
    } catch (const sc_core::sc_report& error) {
        fmt::print(stderr, "gradus: {}\n", error.what());
        return exit_simulation;
    } catch (const std::exception& error) {
        fmt::print(stderr, "gradus: {}\n", error.what());
        return exit_usage;
    }
}

int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
