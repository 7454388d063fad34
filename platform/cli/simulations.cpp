// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/simulations.h"

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/chip/simulation.h"
#include "platform/planning/training_firmware.h"
#include "platform/scenario/read_file.h"
#include "platform/validate/measure.h"

namespace gradus::cli {

void add_simulation_options(Options& options) {
    namespace po = boost::program_options;
    options.add_options()("jobs", po::value<unsigned>()->value_name("N"), "simulations at a time (one a processor)")(
        "firmware", po::value<std::string>()->value_name("FILE.elf"), "run this instead of the training firmware");
}

explore::PoolOptions pool_options(const Command& command, const Values& values) {
    explore::PoolOptions options;
    if (values.count("jobs")) options.jobs = values["jobs"].as<unsigned>();
    if (options.jobs == 0) throw UsageError(fmt::format("{}: --jobs is 1 or more", command.name));
    return options;
}

std::string chosen_firmware(const Command& command, const Values& values) {
    std::string firmware =
        values.count("firmware") ? values["firmware"].as<std::string>() : planning::training_firmware();
    try {
        scenario::check_readable(firmware);
    } catch (const scenario::FileError& error) {
        throw UsageError(fmt::format("{}: the firmware: {}", command.name, error.what()));
    }
    chip::check_firmware(firmware);
    return firmware;
}

std::vector<explore::ResultFile> simulate(const Command& command, const Values& values,
                                          const std::vector<scenario::Scenario>& points,
                                          const std::vector<std::string>& titles) {
    const std::vector<process::Outcome> outcomes =
        explore::run_points(points, chosen_firmware(command, values), pool_options(command, values));
    std::vector<explore::ResultFile> results;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i].failure)
            throw validate::SimulationError(fmt::format("{}: {}: {}", command.name, titles[i], *outcomes[i].failure));
        results.push_back(explore::parse_result(titles[i], outcomes[i].answer));
    }
    return results;
}

} // namespace gradus::cli
