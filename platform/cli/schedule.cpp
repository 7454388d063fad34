// SPDX-License-Identifier: Apache-2.0
// gradus schedule: the operators of a step and the memory plan, or the commands of a step, for people.
#include <cstdio>

#include <fmt/format.h>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/cli/command_table.h"
#include "platform/cli/options.h"
#include "platform/cli/standard_output.h"
#include "platform/planning/command_list.h"
#include "platform/report/memory.h"
#include "platform/report/schedule.h"

namespace gradus::cli {

namespace {

constexpr std::size_t most_tensors = 20;

int print_schedule(const std::vector<std::string>& arguments) {
    Options options;
    add_scenario_options(options);
    options.add_options()(
        "commands",
        "print instead the commands that the training firmware submits in the first step and, where they fit, records")(
        "memory", "print instead what lies where in DRAM, and how full the activations' part is over a step")(
        "all", "with --memory: every tensor, not the largest alone");
    const auto values = parse(schedule_command, options, arguments);
    if (!values) return exit_ok;

    const scenario::Scenario scenario = load_scenario(schedule_command, *values);
    const schedule::Schedule schedule = schedule::build(scenario.model, scenario.run, chip::dram_range(scenario.chip));
    if (values->count("commands")) {
        CommandTable table(chip::units(scenario.chip), schedule.ops);
        planning::visit_commands(scenario.chip, schedule,
                                 [&](unsigned queue, std::uint32_t number, const command& descriptor) {
                                     table.add(queue, number, descriptor);
                                 });
        put(table.text(report::terminal(stdout).width));
        return exit_ok;
    }
    const std::size_t width = report::terminal(stdout).width;
    if (values->count("memory")) {
        put(report::describe_memory(schedule, values->count("all") ? schedule.tensors.size() : most_tensors, width));
        return exit_ok;
    }
    put(report::describe(schedule, width));
    return exit_ok;
}

} // namespace

const Command schedule_command{"schedule", "SCENARIO", "Print the operators of a training step and the memory plan.",
                               print_schedule};

} // namespace gradus::cli
