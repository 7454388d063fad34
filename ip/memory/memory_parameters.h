// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

/// The hart's SRAM: code, data and descriptor rings. Its latency towards the hart is part of HartParameters.load and
/// .store.
struct SramParameters {
    Bytes bytes = 1 << 20;
    Bytes port_bytes = 16; ///< a cycle, on the port towards the data fabric
    Cycles latency = 1;    ///< on that port
};

/// Banks interleaved by `bank_bytes`; every bank serves one access of `bank_bytes` a cycle, whichever port it comes
/// from.
struct ScratchpadParameters {
    Bytes bytes = 64 << 10;
    unsigned banks = 4;
    Bytes bank_bytes = 4;
    Cycles latency = 1;
};

} // namespace gradus::ip
