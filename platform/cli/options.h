// SPDX-License-Identifier: Apache-2.0
// What subcommands share about their arguments: parsing, --help, and the options that name and change a scenario.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

#include "platform/cli/command.h"
#include "platform/scenario/parameters.h"

namespace gradus::cli {

using Options = boost::program_options::options_description;
using Values = boost::program_options::variables_map;

/// Parses the arguments of `command`; its operand, if it has one, becomes the value "operand", and if it has several
/// ("A B ..."), they are operands(). After --help has been
/// answered there is nothing left to do, and nothing is returned. Throws UsageError, with the nearest option for an
/// unknown one.
std::optional<Values> parse(const Command& command, const Options& options, const std::vector<std::string>& arguments);

/// --set, --data and --steps, which change the scenario.
void add_scenario_options(Options& options);

/// Of a command that takes several.
std::vector<std::string> operands(const Values& values);

/// The result that an operand means: the file itself, or the result.json in a folder.
std::string result_path(const std::string& operand);

/// What the options change of a scenario, as overrides for scenario::load. Throws UsageError.
std::vector<std::string> scenario_changes(const Command& command, const Values& values);

/// The scenario that the operand names, changed by the options. Throws UsageError, scenario::ScenarioError.
scenario::Scenario load_scenario(const Command& command, const Values& values);

/// Repeated --set, in order.
std::vector<std::string> overrides(const Values& values);

} // namespace gradus::cli
