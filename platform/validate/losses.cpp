// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/process/pool.h"
#include "platform/scenario/load.h"
#include "platform/validate/check.h"
#include "platform/validate/measure.h"

namespace gradus::validate {

namespace {

constexpr double tolerance = 1e-3;

/// The losses of the first `count` steps of a run whose learning rate is planned for all of them.
std::string simulate(const scenario::Scenario& scenario, std::uint32_t count, const std::string& firmware) {
    schedule::Schedule schedule = schedule::build(scenario.model, scenario.run, chip::dram_range(scenario.chip));
    std::memcpy(schedule.image.data() + offsetof(image_header, step_count), &count, sizeof count);
    const chip::Outcome outcome = chip::simulate({scenario, schedule, firmware});
    if (outcome.failure) throw std::runtime_error(*outcome.failure);
    std::vector<float> losses;
    for (const observe::StepRecord& step : outcome.result.steps)
        losses.push_back(step.loss);
    return nlohmann::json(losses).dump();
}

} // namespace

Reference check_losses(const Places& places) {
    const Table table(places.scenarios + "/validation/losses.csv");
    Reference reference = described_by(table);
    const scenario::Scenario scenario =
        scenario::load(places.scenarios + "/runs/names.toml", {"run.generate=0", "run.data=full", "run.trace=false"});
    std::vector<double> losses;
    try {
        const std::string answer = process::in_child(
            [&] { return simulate(scenario, static_cast<std::uint32_t>(table.rows()), places.firmware); });
        losses = nlohmann::json::parse(answer).get<std::vector<double>>();
    } catch (const std::runtime_error& error) {
        throw SimulationError(fmt::format("{}: {}", reference.name, error.what()));
    }
    if (losses.size() != table.rows()) throw SimulationError("the run for the losses ended early");
    std::size_t worst = 0;
    const auto check = [&](std::size_t row) {
        return Check{fmt::format("loss of step {:.0f}", table.number(row, "step")), table.number(row, "loss"),
                     losses[row], tolerance};
    };
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (std::abs(check(row).error()) > std::abs(check(worst).error())) worst = row;
        if (row % 20 == 0 || row + 1 == table.rows()) reference.checks.push_back(check(row));
    }
    reference.checks.push_back(check(worst));
    reference.checks.back().quantity += ", the worst of all";
    return reference;
}

} // namespace gradus::validate
