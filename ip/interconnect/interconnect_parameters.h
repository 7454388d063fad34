// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

/// The control bus: the hart's way to the devices' registers.
struct BusParameters {
    Cycles latency = 2; ///< there and back, added to the device's own
};

/// The data fabric: a crossbar; each target's port moves `port_bytes` a cycle, first come first served.
struct FabricParameters {
    Bytes port_bytes = 16;
    Cycles latency = 3; ///< there and back
};

} // namespace gradus::ip
