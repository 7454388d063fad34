// SPDX-License-Identifier: Apache-2.0
// gradus check: whether a scenario can be run. All that gradus run refuses is found without simulating anything: by
// building the schedule and the chip, and by letting the training firmware's kernels plan on the host. Other firmware
// is booted.
#include <cstdio>
#include <filesystem>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/cli/boot.h"
#include "platform/cli/options.h"
#include "platform/cli/simulations.h"
#include "platform/cli/standard_output.h"
#include "platform/cost/clock_limits.h"
#include "platform/planning/planning.h"
#include "platform/planning/training_firmware.h"
#include "platform/report/human.h"
#include "platform/report/layout.h"
#include "platform/scenario/texts.h"
#include "platform/schedule/recompute.h"
#include "platform/schedule/schedule.h"
#include "platform/schedule/text_loss.h"

namespace gradus::cli {

namespace {

/// What there is to say of the firmware; of the training firmware nothing.
std::string checked_firmware(const Values& values, const scenario::Scenario& scenario,
                             const schedule::Schedule& schedule) {
    const std::string firmware = chosen_firmware(check_command, values);
    scenario::Scenario timing = scenario; // numbers refuse nothing, and take time to write
    timing.run.data = scenario::DataPlane::none;
    if (!planning::is_training_firmware(firmware))
        return fmt::format("  boot   {}: {}\n", report::plain(std::filesystem::path(firmware).filename().string(), 80),
                           boot(timing, schedule, firmware));
    chip::Inputs inputs{timing, schedule, firmware};
    planning::plan_before_start(inputs);
    chip::prepare(inputs);
    return {};
}

int check(const std::vector<std::string>& arguments) {
    Options options;
    add_scenario_options(options);
    options.add_options()("firmware", boost::program_options::value<std::string>()->value_name("FILE.elf"),
                          "boot this instead of checking for the training firmware");
    const auto values = parse(check_command, options, arguments);
    if (!values) return exit_ok;

    const scenario::Scenario scenario = load_scenario(check_command, *values);
    const schedule::Schedule schedule = schedule::build(scenario.model, scenario.run, chip::dram_range(scenario.chip));
    const std::string firmware = checked_firmware(*values, scenario, schedule);
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
    if (schedule.text.length != 0) text += fmt::format("  text   {}\n", schedule::described(schedule.text));
    if (const std::string layers = schedule::described(schedule.recomputed); !layers.empty())
        text += fmt::format("  again  {}\n", layers);
    if (const unsigned left_out = scenario::texts_left_out(scenario.run))
        text += fmt::format("  texts  {} left out: no numbers are computed to choose tokens by\n", left_out);
    if (const auto warning = schedule::loss_warning(schedule.text)) text += fmt::format("  warning: {}\n", *warning);
    if (const auto warning = cost::clock_warning(scenario.chip)) text += fmt::format("  warning: {}\n", *warning);
    text += firmware;
    put(report::fitted(text, report::terminal(stdout).width));
    return exit_ok;
}

} // namespace

const Command check_command{"check", "SCENARIO", "Find out whether a scenario can be run, without simulating it.",
                            check};

} // namespace gradus::cli
