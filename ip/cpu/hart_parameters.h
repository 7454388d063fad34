// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

/// Cycles an instruction takes, by class, in the hart's own clock. An in-order, single-issue pipeline with an ideal
/// instruction cache: there is no hazard model beyond these numbers. Loads and stores that leave the hart's SRAM add
/// the time of the bus and of what answers.
struct HartParameters {
    Cycles alu = 1;
    Cycles multiply = 3;
    Cycles divide = 20;
    Cycles load = 2;  ///< from SRAM
    Cycles store = 1; ///< to SRAM
    Cycles branch = 1;
    Cycles branch_taken = 2; ///< a taken branch or a jump
    Cycles atomic = 4;
    Cycles csr = 2;
    Cycles trap = 4; ///< entry to a trap handler, and mret
};

} // namespace gradus::ip
