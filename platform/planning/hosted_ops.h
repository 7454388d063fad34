// SPDX-License-Identifier: Apache-2.0
// The operators of a schedule as the firmware walks them, on the host. As on a chip whose SRAM holds all of them at
// once; where it does not, updates do not begin early there.
#pragma once

#include <cstdint>
#include <vector>

#include "platform/schedule/schedule.h"

extern "C" {
#include "firmware/runtime/background.h"
}

namespace gradus::planning {

/// One at a time. The firmware's runtime has been set up before.
class HostedOps {
public:
    explicit HostedOps(const schedule::Schedule& schedule);
    ~HostedOps();
    HostedOps(const HostedOps&) = delete;
    HostedOps& operator=(const HostedOps&) = delete;

    std::uint32_t size() const { return static_cast<std::uint32_t>(records_.size()); }
    /// Checked, as the firmware checks it. Throws FirmwareFailure.
    const image_op* at(std::uint32_t number) const;

private:
    std::vector<std::vector<std::uint64_t>> records_;
    std::vector<background_op> memory_;
};

} // namespace gradus::planning
