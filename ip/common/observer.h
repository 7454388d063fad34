// SPDX-License-Identifier: Apache-2.0
// What a unit tells the world about its time. A unit reports spans that never overlap; whatever no span covers is idle
// (nothing to do). Reporting never changes simulated time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ip/common/command.h"
#include "ip/common/units.h"

namespace gradus::ip {

/// Index of a unit among all that report: assigned by whoever builds the chip. Queues use their queue number.
using UnitId = std::uint32_t;

/// What a unit is doing. `busy` is progress; the others are time with work at hand but no progress, by what it waits
/// for.
enum class Activity : std::uint8_t {
    busy,         ///< doing the command's work
    stall_fetch,  ///< the descriptor is not here yet
    stall_fence,  ///< another queue has not retired enough (Span::detail: that queue)
    stall_memory, ///< the operand stream or the results' way back is slower than the unit
    stall_bus,    ///< the hart waits for an answer from a device or from shared memory
};
inline constexpr int activity_count = 5;

/// Whose time it is, copied from the command's header.
struct Tag {
    std::uint32_t step = 0;
    std::uint32_t op = COMMAND_NO_OP;
    std::uint16_t layer = COMMAND_NO_LAYER;
    std::uint8_t phase = COMMAND_PHASE_OTHER;
};

struct Span {
    Picoseconds begin = 0;
    Picoseconds end = 0;
    Activity activity = Activity::busy;
    std::uint8_t opcode = 0;
    std::uint16_t detail = 0; ///< stall_fence: the queue waited for
    Tag tag;
};

/// What the lanes of the vector unit did, in operations on one element (ip/engine/vector_timing.h).
struct LaneOperations {
    std::uint64_t simple = 0;
    std::uint64_t exp = 0; ///< and logarithms
    std::uint64_t reciprocal = 0;
    std::uint64_t root = 0;
};

/// What a retired command amounted to.
struct CommandWork {
    std::uint64_t macs = 0;     ///< matrix unit: m n k
    std::uint64_t elements = 0; ///< vector unit: elements processed
    Bytes dram_read = 0;
    Bytes dram_written = 0;
    Bytes scratchpad_read = 0;
    Bytes scratchpad_written = 0;
    std::uint64_t macs_bf16 = 0; ///< those of `macs` whose operands are both bf16
    LaneOperations lanes{};
    Bytes sram_read = 0; ///< the hart's SRAM
    Bytes sram_written = 0;
    // Cycles of the engine's own clock, without start-up and without whatever the scratchpad adds:
    Cycles compute_cycles = 0; ///< of array or lanes, if no operand were ever late
    Cycles port_cycles = 0;    ///< of the port, if array or lanes took no time

    /// In the unit's own measure: multiply-accumulates; elements; of a DMA channel bytes moved, each byte of a copy
    /// once: those that were read, or those that were written where they are more (a transfer can convert, a fill reads
    /// nothing). Of a sum of commands: of what they read and wrote together.
    std::uint64_t amount() const {
        if (macs) return macs;
        if (elements) return elements;
        return std::max(dram_read + scratchpad_read + sram_read, dram_written + scratchpad_written + sram_written);
    }
};

/// How a command, or a fence command, came to its end.
struct CommandTimes {
    std::uint32_t index = 0;      ///< its number in the queue
    Picoseconds ready = 0;        ///< its descriptor is at hand and the command before it has retired
    Picoseconds begin = 0;        ///< its waits hold, too
    Picoseconds end = 0;          ///< it retires
    Picoseconds memory_stall = 0; ///< the last part of its execution
    command_wait released_by{};   ///< the last wait that made it stand still; queue_plus_one 0: none did
    bool interrupts = false;
};

class Observer {
public:
    virtual ~Observer() = default;
    /// Command number `index` of the queue has done its work; what it wrote is in memory. Before all others that are
    /// about it. Not of fence commands.
    virtual void executed(UnitId, std::uint32_t /*index*/, const Tag&, const command&) {}
    virtual void span(UnitId unit, const Span& span) = 0;
    /// Before the spans of its execution. Fence commands, which do no work, are not reported.
    virtual void retired(UnitId unit, std::uint8_t opcode, const Tag& tag, const CommandWork& work) = 0;
    /// The doorbell: the queue has been given `count` commands so far.
    virtual void submitted(UnitId, std::uint32_t /*count*/, Picoseconds /*time*/) {}
    /// After retired(), and for fence commands, too.
    virtual void ended(UnitId, const Tag&, const CommandTimes&) {}
    /// A queue stopped at a bad command. `error` is QUEUE_ERROR_*, `field` the byte offset in the descriptor.
    virtual void halted(UnitId unit, std::uint32_t error, std::uint32_t index, std::uint32_t field) = 0;
};

} // namespace gradus::ip
