// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

/// Parameters common to every command queue.
struct QueueParameters {
    unsigned prefetch = 2;   ///< descriptors fetched ahead of the one being executed
    Cycles issue_cycles = 4; ///< decode of a fetched descriptor, before its work starts
};

} // namespace gradus::ip
