// SPDX-License-Identifier: Apache-2.0
// gradus validate: the models against every reference there is.
#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/cli/installation.h"
#include "platform/cli/options.h"
#include "platform/cli/standard_output.h"
#include "platform/planning/training_firmware.h"
#include "platform/report/json_text.h"
#include "platform/report/terminal.h"
#include "platform/validate/check.h"
#include "platform/validate/report.h"

namespace gradus::cli {

namespace {

Options validate_options() {
    namespace po = boost::program_options;
    Options options;
    options.add_options()("json", "print the outcome as JSON")("markdown", "print doc/validation.md")(
        "scenarios", po::value<std::string>()->value_name("DIR"),
        "the folder scenarios/ to take references and chips from (the one beside the program)");
    return options;
}

int validate(const std::vector<std::string>& arguments) {
    const auto values = parse(validate_command, validate_options(), arguments);
    if (!values) return exit_ok;
    const bool json = values->count("json") > 0;
    const bool markdown = values->count("markdown") > 0;
    if (json && markdown) throw UsageError("validate: --json or --markdown, not both");
    const validate::Places places{values->count("scenarios") ? (*values)["scenarios"].as<std::string>()
                                                             : own_scenarios(),
                                  planning::training_firmware()};
    const std::vector<validate::Reference> references = validate::check_everything(places);
    put(json       ? report::json_text(validate::as_json(references))
        : markdown ? validate::as_markdown(references)
                   : validate::as_text(references, report::terminal(stdout).width));
    return validate::count(references).failed ? exit_out_of_tolerance : exit_ok;
}

} // namespace

const Command validate_command{"validate", "", "Hold the models against closed forms, other simulators and hardware.",
                               validate};

} // namespace gradus::cli
