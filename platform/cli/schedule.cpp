// SPDX-License-Identifier: Apache-2.0
// gradus schedule: the operators of a step and the memory plan, for people.
#include <cstdio>

#include <fmt/format.h>

#include "platform/chip/memory_map.h"
#include "platform/cli/options.h"
#include "platform/cli/standard_output.h"
#include "platform/report/schedule.h"

namespace gradus::cli {

namespace {

int print_schedule(const std::vector<std::string>& arguments) {
    Options options;
    add_scenario_options(options);
    const auto values = parse(schedule_command, options, arguments);
    if (!values) return exit_ok;

    const scenario::Scenario scenario = load_scenario(schedule_command, *values);
    const schedule::Schedule schedule = schedule::build(scenario.model, scenario.run, chip::dram_range(scenario.chip));
    put(report::describe(schedule, report::terminal(stdout).width));
    return exit_ok;
}

} // namespace

const Command schedule_command{"schedule", "SCENARIO", "Print the operators of a training step and the memory plan.",
                               print_schedule};

} // namespace gradus::cli
