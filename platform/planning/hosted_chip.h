// SPDX-License-Identifier: Apache-2.0
// What firmware that runs on the host asks its hal for, as far as kernels need it: an info block and queues. The
// kernels are those of firmware/, from the same sources as in train.elf. One chip at a time in a process, because the
// firmware's state is global.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "ip/peripherals/info_block.h"

namespace gradus::planning {

/// The firmware gave up.
struct FirmwareFailure : std::runtime_error {
    FirmwareFailure(int exit_code, const std::string& message) : std::runtime_error(message), code(exit_code) {}
    int code;
};

/// Whoever derives from it sets up info and the hal's `queues`.
class HostedChip {
public:
    HostedChip();
    virtual ~HostedChip();
    HostedChip(const HostedChip&) = delete;
    HostedChip& operator=(const HostedChip&) = delete;

    /// The one that the firmware runs on.
    static HostedChip& current();

    /// Waits until the ring has room for a command.
    virtual void make_room(unsigned queue) = 0;
    /// Returns how many commands have been submitted, with this one.
    virtual std::uint32_t submit(unsigned queue) = 0;
    /// Waits until the queue has retired `count` commands.
    virtual void wait(unsigned queue, std::uint32_t count) = 0;
    /// An idle queue counts from 0 again.
    virtual void rewind(unsigned queue) = 0;
    /// After rewind(): submits the first `count` descriptors of the ring.
    virtual void run(unsigned queue, std::uint32_t count) = 0;

    info_block info{};
};

} // namespace gradus::planning
