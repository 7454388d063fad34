// SPDX-License-Identifier: Apache-2.0
// What firmware says last before it gives up, and what that means.
#pragma once

#include <string>

#include "platform/chip/simulation.h"

namespace gradus::planning {

/// The last line of a console that has something in it.
class LastLine {
public:
    void put(char character);
    const std::string& text() const { return complete_; }

private:
    std::string complete_, begun_;
};

/// Throws for a run that did not end with the firmware's exit code 0: chip::Refused with its last line when the
/// firmware ended its first step with a code for a chip or an image that it cannot work with, otherwise
/// std::runtime_error.
void demand_success(const chip::Outcome& outcome, const LastLine& console);

} // namespace gradus::planning
