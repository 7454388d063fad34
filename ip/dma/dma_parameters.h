// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

struct DmaParameters {
    unsigned channels = 2;
    unsigned outstanding = 8; ///< transactions of one channel in flight
    Bytes burst_bytes = 256;  ///< longest transaction; a row is split into these, gapless rows are merged into them
    Cycles setup_cycles = 8;  ///< per command, before its first transaction
    Cycles issue_cycles = 1;  ///< between two transactions of a channel
};

} // namespace gradus::ip
