// SPDX-License-Identifier: Apache-2.0
// The names run with other settings, through the program, as its result.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/program.h"

namespace gradus::test {

/// Later settings replace earlier ones. Throws what the program prints where it does not end with 0.
inline nlohmann::json names_result(const std::vector<std::string>& settings) {
    const TemporaryFolder folder;
    std::vector<std::string> arguments{"run",   "scenarios/runs/names.toml", "--json", "--trace", "off",
                                       "--out", folder.path("out")};
    for (const std::string& setting : settings)
        arguments.insert(arguments.end(), {"--set", setting});
    const ProgramRun run = run_program(arguments);
    if (run.exit_code != 0) throw std::runtime_error(run.err + run.out);
    return nlohmann::json::parse(run.out);
}

/// `settings` behind what a file of tests has in common.
inline std::vector<std::string> joined(std::vector<std::string> common, const std::vector<std::string>& settings) {
    common.insert(common.end(), settings.begin(), settings.end());
    return common;
}

/// Of each step.
inline std::vector<double> losses_of(const nlohmann::json& result) {
    std::vector<double> losses;
    for (const nlohmann::json& step : result.at("steps"))
        losses.push_back(step.at("loss"));
    return losses;
}

} // namespace gradus::test
