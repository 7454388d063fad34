// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/point.h"

#include <chrono>
#include <cstdio>

#include <sys/resource.h>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/planning/console.h"
#include "platform/planning/planning.h"
#include "platform/report/json.h"
#include "platform/schedule/schedule.h"

namespace gradus::explore {

namespace {

class Printer : public chip::RunListener {
public:
    void uart(char character) override {
        std::fputc(character, stdout);
        last_line.put(character);
    }
    void step_done(std::uint32_t /*step*/, float /*loss*/, ip::Picoseconds /*time*/) override {}

    planning::LastLine last_line;
};

observe::HostFigures host_figures(std::chrono::steady_clock::time_point begin) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
            static_cast<std::uint64_t>(usage.ru_maxrss) * 1024};
}

} // namespace

std::string simulate(const scenario::Scenario& point, const std::string& firmware) {
    const auto begin = std::chrono::steady_clock::now();
    const schedule::Schedule schedule = schedule::build(point.model, point.run, chip::dram_range(point.chip));
    Printer printer;
    chip::Inputs inputs{point, schedule, firmware};
    inputs.listener = &printer;
    planning::plan_before_start(inputs);
    chip::Outcome outcome = chip::simulate(inputs);
    planning::demand_success(outcome, printer.last_line);
    outcome.result.host = host_figures(begin);
    return report::to_json(outcome.result, schedule);
}

} // namespace gradus::explore
