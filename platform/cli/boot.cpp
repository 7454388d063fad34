// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/boot.h"

#include <atomic>
#include <csignal>

#include <sys/time.h>

#include "platform/chip/simulation.h"
#include "platform/planning/console.h"

namespace gradus::cli {

namespace {

std::atomic<bool> seen_enough{false};

class FirstStep : public chip::RunListener {
public:
    void uart(char character) override { console.put(character); }
    void step_done(std::uint32_t /*step*/, float /*loss*/, ip::Picoseconds /*time*/) override {
        done = true;
        seen_enough = true;
    }

    planning::LastLine console;
    bool done = false;
};

void end_after_a_second_of_processor_time() {
    struct sigaction action {};
    action.sa_handler = [](int) { seen_enough = true; };
    action.sa_flags = SA_RESTART;
    sigaction(SIGPROF, &action, nullptr);
    const itimerval second{{0, 0}, {1, 0}};
    setitimer(ITIMER_PROF, &second, nullptr);
}

} // namespace

std::string boot(const scenario::Scenario& scenario, const schedule::Schedule& schedule, const std::string& firmware) {
    FirstStep first_step;
    chip::Inputs inputs{scenario, schedule, firmware, nullptr, &first_step};
    inputs.interrupt = &seen_enough;
    end_after_a_second_of_processor_time();
    const chip::Outcome outcome = chip::simulate(inputs);
    if (first_step.done) return "has done a step";
    if (outcome.interrupted) return "ran for a second without a complaint; its first step takes longer";
    planning::demand_success(outcome, first_step.console);
    return "ended with exit code 0";
}

} // namespace gradus::cli
