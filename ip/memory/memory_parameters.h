// SPDX-License-Identifier: Apache-2.0
// The parameters of the hart's SRAM and of the scratchpad.
//
// Example: the default scratchpad has 4 banks of 4 bytes, so it moves at most 16 bytes a cycle. The default port of the
// SRAM moves 16 bytes a cycle too.
#pragma once

#include "ip/common/units.h"

namespace gradus::ip {

/// The hart's SRAM holds code, data and descriptor rings. HartParameters.load and .store contain its latency towards
/// the hart.
struct SramParameters {
    Bytes bytes = 1 << 20;
    Bytes port_bytes = 16; ///< bytes a cycle on the port towards the data fabric
    Cycles latency = 1;    ///< latency of that port
};

/// The banks of a scratchpad are interleaved by `bank_bytes`. Every bank serves one access of `bank_bytes` a cycle,
/// from whichever port it comes.
struct ScratchpadParameters {
    Bytes bytes = 64 << 10;
    unsigned banks = 4;
    Bytes bank_bytes = 4;
    Cycles latency = 1;
};

} // namespace gradus::ip
