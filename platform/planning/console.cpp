// SPDX-License-Identifier: Apache-2.0
#include "platform/planning/console.h"

#include <stdexcept>

#include <fmt/format.h>

extern "C" {
#include "firmware/hal/exit_codes.h"
}

namespace gradus::planning {

namespace {

bool is_refusal(const observe::Result& result) {
    return result.steps.empty() && result.exit_code >= EXIT_IMAGE && result.exit_code <= EXIT_MEMORY;
}

} // namespace

void LastLine::put(char character) {
    constexpr std::size_t longest = 400;
    if (character == '\n') {
        if (!begun_.empty()) complete_ = begun_;
        begun_.clear();
    } else if (character != '\r' && begun_.size() < longest) {
        begun_ += character;
    }
}

void demand_success(const chip::Outcome& outcome, const LastLine& console) {
    if (outcome.failure) throw std::runtime_error(*outcome.failure);
    const observe::Result& result = outcome.result;
    if (result.exit_code == 0) return;
    if (is_refusal(result) && !console.text().empty()) throw chip::Refused(console.text());
    throw std::runtime_error(fmt::format("the firmware ended with exit code {}{}{}", result.exit_code,
                                         console.text().empty() ? "" : ": ", console.text()));
}

} // namespace gradus::planning
