// SPDX-License-Identifier: Apache-2.0
// gradus check: everything that can be found out about a scenario without simulating it.
#include <cstdio>

#include <fmt/format.h>

#include "platform/chip/memory_map.h"
#include "platform/cli/options.h"
#include "platform/cli/standard_output.h"
#include "platform/report/human.h"
#include "platform/report/layout.h"
#include "platform/scenario/texts.h"
#include "platform/schedule/schedule.h"

namespace gradus::cli {

namespace {

int check(const std::vector<std::string>& arguments) {
    Options options;
    add_scenario_options(options);
    const auto values = parse(check_command, options, arguments);
    if (!values) return exit_ok;

    const scenario::Scenario scenario = load_scenario(check_command, *values);
    const schedule::Schedule schedule = schedule::build(scenario.model, scenario.run, chip::dram_range(scenario.chip));
    std::uint64_t macs = 0;
    for (const schedule::Op& op : schedule.ops)
        macs += op.macs;

    std::string text = fmt::format("ok: {}\n", scenario.name);
    text += fmt::format("  chip   {}: {} x {} array, {} lanes, {} scratchpad, {} DRAM\n", scenario.chip.name,
                        scenario.chip.matrix.rows, scenario.chip.matrix.cols, scenario.chip.vector.lanes,
                        report::human_capacity(scenario.chip.scratchpad.bytes),
                        report::human_capacity(scenario.chip.dram.bytes));
    text += fmt::format("  model  {}: {} parameters, vocabulary {}\n", scenario.model.name,
                        report::human_count(static_cast<double>(schedule.parameter_count)), schedule.vocabulary);
    text += fmt::format("  run    {} steps of {} tokens, {} MACs in {} operators each; data {}\n", scenario.run.steps,
                        schedule.tokens_per_step, report::human_count(static_cast<double>(macs)), schedule.ops.size(),
                        scenario.run.data == scenario::DataPlane::full ? "full" : "none");
    if (const unsigned left_out = scenario::texts_left_out(scenario.run))
        text += fmt::format("  texts  {} left out: no numbers are computed to choose tokens by\n", left_out);
    put(report::fitted(text, report::terminal(stdout).width));
    return exit_ok;
}

} // namespace

const Command check_command{"check", "SCENARIO", "Read a scenario and build its schedule, without simulating anything.",
                            check};

} // namespace gradus::cli
