// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/interruption.h"

namespace gradus::cli {

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "it is set by a signal handler");

std::atomic<bool> asked{false}; // by a signal that somebody sent

// A terminal that goes away says so more than once: its shell does, and then the kernel.
extern "C" void on_signal(int number) {
    interrupted = true;
    if (number == SIGHUP || !asked.exchange(true)) return;
    std::signal(number, SIG_DFL);
    std::raise(number);
}

} // namespace

Interruption::Interruption() {
    interrupted = false;
    asked = false;
    for (Handled& each : handled_) {
        each.before = std::signal(each.number, on_signal);
        if (each.before == SIG_IGN) std::signal(each.number, SIG_IGN); // somebody wants it to go on whatever comes
    }
}

Interruption::~Interruption() {
    for (const Handled& each : handled_)
        std::signal(each.number, each.before);
}

const std::atomic<bool>* Interruption::flag() const { return &interrupted; }

} // namespace gradus::cli
