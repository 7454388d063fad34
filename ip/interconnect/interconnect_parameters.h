// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

/// The control bus: the hart's way to the devices' registers.
struct BusParameters {
    Cycles latency = 2; ///< there and back, added to the device's own
};

/// Who goes first of the initiators that wait at a target's port of the data fabric.
enum class FabricArbitration {
    round_robin, ///< the next one after the initiator that went last
    priority,    ///< the one that was bound first
    first_come,  ///< the longest waiting; of those of the same instant the one that was bound first
};

/// The data fabric: a crossbar with a port for each target.
struct FabricParameters {
    Bytes port_bytes = 16; ///< a cycle, of every target's port that has no width of its own
    Cycles latency = 3;    ///< there and back
    FabricArbitration arbitration = FabricArbitration::round_robin;
    unsigned queue_depth = 16; ///< transactions a port has under way at a time; the others wait
};

} // namespace gradus::ip
