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
    Cycles row_cycles = 0; ///< for the address of every row but a command's first, before the row's first transaction
    Bytes align_bytes = 0; ///< no transaction crosses a multiple of this; 0: no such boundary
    Bytes port_bytes = 0;  ///< a cycle, on the channel's data port, each direction; 0: the port is never the limit
    unsigned transpose_elements = 0; ///< a cycle, into the transposing buffer and out of it; 0: it is never the limit
    bool chaining = false;           ///< a command may begin while the last transfers of the one before are in flight
};

} // namespace gradus::ip
