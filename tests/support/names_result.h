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

/// The names run on a chip where updates begin early. Four channels and 4 MiB: a slice has 4 tiles of fp32 in a
/// sixteenth of the scratchpad, 16,320 elements, so a matrix of 256 x 256 takes five of them. The array is so small
/// that the DRAM is idle for most of the time of a product.
inline const std::vector<std::string> early_update_workload{"run.steps=2",
                                                            "run.generate=0",
                                                            "model.width=256",
                                                            "model.heads=4",
                                                            "model.layers=1",
                                                            "run.batch=2",
                                                            "chip.dma.channels=4",
                                                            "chip.scratchpad.bytes=4194304",
                                                            "chip.sram.bytes=1048576",
                                                            "chip.engine.matrix.rows=8",
                                                            "chip.engine.matrix.cols=8"};

} // namespace gradus::test
