// SPDX-License-Identifier: Apache-2.0
// A hosted chip without memory and without time: what has been submitted has retired.
#pragma once

#include "platform/planning/hosted_chip.h"

extern "C" {
#include "firmware/hal/queue.h"
}

namespace gradus::planning {

class TimelessChip : public HostedChip {
public:
    explicit TimelessChip(const info_block& described) {
        info = described;
        for (unsigned number = 0; number < info.queue_count; ++number)
            queues[number] = {&descriptor_, 0, 1, 0, 1};
    }

    void make_room(unsigned queue) override { queues[queue].limit = queues[queue].submitted + 1; }
    std::uint32_t submit(unsigned queue) override {
        given(queue, descriptor_);
        return ++queues[queue].submitted;
    }
    void wait(unsigned /*queue*/, std::uint32_t /*count*/) override {}
    void rewind(unsigned queue) override { queues[queue].submitted = 0; }
    void run(unsigned queue, std::uint32_t count) override { queues[queue].submitted = count; }

private:
    /// The next command of a queue.
    virtual void given(unsigned queue, const command& descriptor) = 0;

    command descriptor_{}; ///< every ring
};

} // namespace gradus::planning
