// SPDX-License-Identifier: Apache-2.0
// The ring of a command queue as numbers: where it is, how many commands have been submitted to it, and which changes
// make sense while commands are in it. Plain arithmetic; command_queue.h has the time.
#pragma once

#include <cstdint>

#include "ip/common/command.h"

namespace gradus::ip {

class CommandRing {
public:
    static constexpr std::uint32_t most_entries = 4096;

    /// As after `submitted` commands, all of which have retired.
    explicit CommandRing(std::uint32_t submitted = 0) : submitted_(submitted) {}

    std::uint64_t base() const { return base_; }
    std::uint32_t entries() const { return entries_; }
    std::uint32_t submitted() const { return submitted_; }
    bool idle(std::uint32_t retired) const { return submitted_ == retired; }
    /// Of the descriptor of command `number`, counted from 0.
    std::uint64_t address(std::uint32_t number) const {
        return base_ + std::uint64_t{number & (entries_ - 1)} * COMMAND_BYTES;
    }

    /// Counts start at 0 again, and so does the ring; not while commands are in it.
    bool rewind(std::uint32_t retired) {
        if (!idle(retired)) return false;
        submitted_ = 0;
        return true;
    }

    // Each takes over a value and returns true, or changes nothing; `retired` is the queue's fence. A ring does not
    // move while commands are in it, and lies within the address space.
    bool set_base(std::uint64_t base, std::uint32_t retired) {
        if (base % COMMAND_BYTES != 0 || !idle(retired) || !fits(base, entries_)) return false;
        base_ = base;
        return true;
    }
    bool set_entries(std::uint64_t entries, std::uint32_t retired) {
        const bool power_of_two = entries != 0 && (entries & (entries - 1)) == 0;
        if (!power_of_two || entries < 2 || entries > most_entries || !idle(retired) || !fits(base_, entries))
            return false;
        entries_ = static_cast<std::uint32_t>(entries);
        return true;
    }
    /// The doorbell. More than a ring ahead of the fence would overwrite descriptors that nobody has read; backwards
    /// would take back commands that may have been fetched.
    bool submit(std::uint32_t submitted, std::uint32_t retired) {
        if (submitted - retired > entries_ || submitted - retired < submitted_ - retired) return false;
        submitted_ = submitted;
        return true;
    }

private:
    static bool fits(std::uint64_t base, std::uint64_t entries) {
        return entries == 0 || entries * COMMAND_BYTES - 1 <= ~std::uint64_t{0} - base;
    }

    std::uint64_t base_ = 0;
    std::uint32_t entries_ = 0;
    std::uint32_t submitted_;
};

} // namespace gradus::ip
