// SPDX-License-Identifier: Apache-2.0
// gradus whatif: what a step would take if the chip were another. With --vary the values that are asked for; without,
// every important parameter halved and doubled.
#include <optional>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/cli/output.h"
#include "platform/cli/simulations.h"
#include "platform/cli/standard_output.h"
#include "platform/explore/sensitivity.h"
#include "platform/explore/variations.h"
#include "platform/explore/whatif_report.h"
#include "platform/report/json_text.h"
#include "platform/report/terminal.h"
#include "platform/scenario/load.h"

namespace gradus::cli {

namespace {

Options whatif_options() {
    namespace po = boost::program_options;
    Options options;
    options.add_options()("set", po::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"),
                          "change a key of the scenario first; can be repeated")(
        "vary", po::value<std::vector<std::string>>()->composing()->value_name("KEY=V1,V2,..."),
        "values to try; repeated: every combination; without it, every important parameter is halved and doubled")(
        "steps", po::value<unsigned>()->value_name("N")->default_value(explore::measured_steps),
        "training steps of each simulation, of which the last counts");
    add_simulation_options(options);
    options.add_options()("json", "print the outcome as JSON")("out", po::value<std::string>()->value_name("DIR"),
                                                               "also write the outcome and a report into this folder");
    return options;
}

/// What a firmware exits with on a chip it does not fit is a fact about that chip; only the base has to succeed.
template <typename Evaluate>
int answer(const Values& values, const std::vector<scenario::Scenario>& points, const Evaluate& evaluate) {
    std::optional<OutputFolder> folder;
    if (values.count("out"))
        folder.emplace(whatif_command, values["out"].as<std::string>(),
                       std::vector<std::string>{"whatif.json", "report.html"});
    const std::vector<process::Outcome> outcomes =
        explore::run_points(points, chosen_firmware(whatif_command, values), pool_options(whatif_command, values));
    if (outcomes.front().failure) {
        complain(fmt::format("whatif: {}", *outcomes.front().failure));
        return exit_failed;
    }
    const auto outcome = evaluate(outcomes);
    const nlohmann::ordered_json json = explore::as_json(outcome);
    if (folder) {
        folder->write("whatif.json", [&] { return report::json_text(json); });
        folder->write("report.html", [&] { return explore::whatif_report(json); });
    }
    if (values.count("json"))
        put(report::json_text(json));
    else
        put(explore::as_text(outcome, report::terminal(stdout).width));
    return folder ? folder->complain_of_errors() : exit_ok;
}

int whatif(const std::vector<std::string>& arguments) {
    const auto values = parse(whatif_command, whatif_options(), arguments);
    if (!values) return exit_ok;
    if (!values->count("operand")) throw UsageError("whatif: which scenario? usage: gradus whatif [options] SCENARIO");
    const std::string path = (*values)["operand"].as<std::string>();
    const unsigned steps = (*values)["steps"].as<unsigned>();
    if (steps == 0) throw UsageError("whatif: --steps is 1 or more");
    const std::vector<std::string> changes = overrides(*values);
    const auto loaded = [&](const std::vector<std::string>& combination) {
        std::vector<std::string> all = changes;
        all.insert(all.end(), combination.begin(), combination.end());
        return explore::prepared(scenario::load(path, all), steps);
    };
    if (!values->count("vary")) {
        const explore::SensitivityStudy study(loaded({}));
        return answer(*values, study.points(), [&](const auto& outcomes) { return study.evaluate(outcomes); });
    }
    const auto combinations = explore::combinations((*values)["vary"].as<std::vector<std::string>>());
    std::vector<scenario::Scenario> points{loaded({})};
    for (const std::vector<std::string>& combination : combinations)
        points.push_back(loaded(combination));
    return answer(*values, points,
                  [&](const auto& outcomes) { return explore::variations(points.front(), combinations, outcomes); });
}

} // namespace

const Command whatif_command{"whatif", "SCENARIO",
                             "What a step would take on another chip, and which parameter helps most.", whatif};

} // namespace gradus::cli
