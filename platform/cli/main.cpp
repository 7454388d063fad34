// SPDX-License-Identifier: Apache-2.0
// gradus: the command line. Subcommands are listed here; each is a file of its own.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <systemc>

#include "platform/cli/command.h"
#include "platform/cli/standard_output.h"
#include "platform/report/layout.h"
#include "platform/scenario/nearest.h"

namespace {

using namespace gradus::cli;

const std::array commands{&run_command,       &schedule_command, &info_command,    &check_command,
                          &op_command,        &validate_command, &compare_command, &whatif_command,
                          &calibrate_command, &sweep_command,    &report_command,  &replay_command};

std::string help(std::size_t width) {
    using gradus::report::fitted;
    using gradus::report::Table;
    Table table({{"", Table::Align::left, 9}, {"", Table::Align::left, 11}, {"", Table::Align::prose}}, 2);
    for (const Command* command : commands)
        table.row({std::string(command->name), std::string(command->operand), std::string(command->summary)});
    table.row({});
    table.row({"--version", "", "print the version"});
    table.row({"--help", "", "print this help; after a subcommand, its options"});
    return fitted("Gradus: a virtual chip that trains transformers.\n\nUsage: gradus SUBCOMMAND [options]\n\n", width) +
           table.text(width) + "\n" + fitted(exit_code_help(), width);
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
        std::fputs(help(gradus::report::terminal(stderr).width).c_str(), stderr);
        return exit_usage;
    }
    const std::string& name = arguments.front();
    if (name == "--help" || name == "-h" || name == "help") {
        put(help(gradus::report::terminal(stdout).width));
        return exit_ok;
    }
    if (name == "--version") {
        print("gradus {}\n", GRADUS_VERSION);
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
        std::fputs((sc_core::sc_report_compose_message(report) + "\n").c_str(), stderr);
    sc_core::sc_report_handler::default_handler(report, actions & ~sc_core::SC_DISPLAY);
}

} // namespace

int sc_main(int argc, char* argv[]) {
    prepare_output();
    sc_core::sc_report_handler::set_handler(report_to_stderr);
    int exit_code = exit_ok;
    try {
        exit_code = dispatch({argv + 1, argv + argc});
    } catch (...) {
        exit_code = exit_code_of_exception();
    }
    return final_exit_code(exit_code, all_was_put_out());
}

int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
