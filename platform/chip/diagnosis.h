// SPDX-License-Identifier: Apache-2.0
// Turns a chip that stopped without its firmware's consent into one message for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ip/common/command_queue.h"
#include "platform/observe/recorder.h"

namespace gradus::chip {

struct QueueSnapshot {
    std::string name;
    observe::UnitKind kind = observe::UnitKind::dma;
    ip::QueueState state;
    std::optional<command_wait> waiting; ///< the fence it waits for
};

/// "dma0 halted at command 17: illegal value in src_pitch (byte 84 of the descriptor)". Commands count from 0, and
/// field names come from the unit's descriptor layout.
std::string describe_halt(const QueueSnapshot& queue);

/// "the chip hangs: ", and then who waits for whom, a line each. `hart` says what the hart does, such as "the hart
/// sleeps in WFI at 0x80000123 (queue_drain+0x1c)". Follows waits from queue to queue, names a circle of waits, a wait
/// for commands that were never submitted, and halted queues.
std::string describe_hang(const std::string& hart, const std::vector<QueueSnapshot>& queues);

} // namespace gradus::chip
