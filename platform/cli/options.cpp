// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/options.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/cli/standard_output.h"
#include "platform/report/layout.h"
#include "platform/scenario/load.h"
#include "platform/scenario/nearest.h"

namespace gradus::cli {

namespace po = boost::program_options;

namespace {

[[noreturn]] void fail_unknown_option(const Command& command, const Options& options, const std::string& given) {
    const std::string word = given.substr(std::min(given.find_first_not_of('-'), given.size()));
    std::vector<std::string_view> names;
    for (const auto& option : options.options())
        names.push_back(option->long_name());
    throw UsageError(fmt::format("{}: unknown option '{}'; nearest: '--{}'", command.name, given,
                                 scenario::nearest(word.substr(0, word.find('=')), names)));
}

/// Operands of a usage line stand apart; the last may be "...": any number, which is -1.
int most_operands(const Command& command) {
    if (command.operand.find("...") != std::string_view::npos) return -1;
    return static_cast<int>(std::count(command.operand.begin(), command.operand.end(), ' ')) + 1;
}

void print_help(const Command& command, const Options& options, std::size_t width) {
    std::ostringstream text;
    text << report::fitted(fmt::format("Usage: gradus {} [options]{}{}\n\n{}\n\n", command.name,
                                       command.operand.empty() ? "" : " ", command.operand, command.summary),
                           width)
         << options;
    put(text.str());
}

} // namespace

std::optional<Values> parse(const Command& command, const Options& options, const std::vector<std::string>& arguments) {
    const auto width = static_cast<unsigned>(report::terminal(stdout).width);
    Options visible("Options", width + 1, width / 2); // the library leaves the last column free
    for (const auto& option : options.options())
        visible.add(option);
    visible.add_options()("help,h", "print this help");

    Options all;
    all.add(visible);
    po::positional_options_description positions;
    if (!command.operand.empty()) {
        const int count = most_operands(command);
        if (count == 1)
            all.add_options()("operand", po::value<std::string>());
        else
            all.add_options()("operand", po::value<std::vector<std::string>>());
        positions.add("operand", count);
    }

    // An abbreviation that works today would be ambiguous with tomorrow's options.
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    Values values;
    try {
        po::store(po::command_line_parser(arguments).options(all).positional(positions).style(style).run(), values);
    } catch (const po::unknown_option& error) {
        fail_unknown_option(command, visible, error.get_option_name());
    } catch (const po::too_many_positional_options_error&) {
        throw UsageError(fmt::format("{}: too many arguments; usage: gradus {} [options] {}", command.name,
                                     command.name, command.operand));
    } catch (const po::error& error) {
        throw UsageError(fmt::format("{}: {}", command.name, error.what()));
    }
    if (values.count("help")) {
        print_help(command, visible, width);
        return std::nullopt;
    }
    return values;
}

void add_scenario_options(Options& options) {
    options.add_options()("set", po::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"),
                          "change a key of the scenario, such as chip.engine.matrix.rows=8; can be repeated")(
        "data", po::value<std::string>()->value_name("full|none"), "short for --set run.data=...")(
        "steps", po::value<std::string>()->value_name("N"), "short for --set run.steps=...");
}

std::vector<std::string> overrides(const Values& values) {
    return values.count("set") ? values["set"].as<std::vector<std::string>>() : std::vector<std::string>{};
}

std::vector<std::string> operands(const Values& values) {
    return values.count("operand") ? values["operand"].as<std::vector<std::string>>() : std::vector<std::string>{};
}

std::string result_path(const std::string& operand) {
    namespace fs = std::filesystem;
    std::error_code error;
    return fs::is_directory(operand, error) ? (fs::path(operand) / "result.json").string() : operand;
}

std::vector<std::string> scenario_changes(const Command& command, const Values& values) {
    std::vector<std::string> changes = overrides(values);
    for (const char* shortcut : {"data", "steps"})
        if (values.count(shortcut))
            changes.push_back(fmt::format("run.{}={}", shortcut, values[shortcut].as<std::string>()));
    if (values.count("trace")) {
        const std::string& trace = values["trace"].as<std::string>();
        if (trace != "on" && trace != "off")
            throw UsageError(fmt::format("{}: --trace is on or off, not '{}'", command.name, trace));
        changes.emplace_back(trace == "on" ? "run.trace=true" : "run.trace=false");
    }
    return changes;
}

scenario::Scenario load_scenario(const Command& command, const Values& values) {
    if (!values.count("operand"))
        throw UsageError(fmt::format("{}: which scenario? usage: gradus {} [options] {}", command.name, command.name,
                                     command.operand));
    return scenario::load(values["operand"].as<std::string>(), scenario_changes(command, values));
}

} // namespace gradus::cli
