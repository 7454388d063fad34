// SPDX-License-Identifier: Apache-2.0
// A ring of descriptors in a test's memory, and the register accesses that firmware would do for it.
#pragma once

#include <cstring>

#include "ip/common/command.h"
#include "tests/support/initiator.h"

namespace gradus::test {

class CommandRing {
public:
    /// The ring lies at address `base` of the queue's fetch socket; `memory` points to the same bytes.
    CommandRing(std::uint8_t* memory, std::uint64_t base, std::uint32_t entries)
        : memory_(memory), base_(base), entries_(entries) {}

    /// Through an initiator bound to the queue's `registers`.
    void set_up(Initiator& cpu) const {
        cpu.write_value<std::uint64_t>(QUEUE_RING_BASE, base_);
        cpu.write_value<std::uint32_t>(QUEUE_RING_ENTRIES, entries_);
    }

    void push(const command& command) {
        std::memcpy(memory_ + (pushed_++ & (entries_ - 1)) * sizeof command, &command, sizeof command);
    }
    template <typename Body>
    void push(std::uint8_t opcode, const Body& body, std::uint8_t flags = 0) {
        command descriptor{};
        descriptor.header.opcode = opcode;
        descriptor.header.flags = flags;
        std::memcpy(descriptor.body, &body, sizeof body);
        push(descriptor);
    }

    std::uint32_t pushed() const { return pushed_; }
    void ring_doorbell(Initiator& cpu) const { cpu.write_value<std::uint32_t>(QUEUE_DOORBELL, pushed_); }

private:
    std::uint8_t* memory_;
    std::uint64_t base_;
    std::uint32_t entries_;
    std::uint32_t pushed_ = 0;
};

} // namespace gradus::test
