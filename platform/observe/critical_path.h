// SPDX-License-Identifier: Apache-2.0
// What the time of a step waited for: the chain of causes that ends with the step and begins where the one before
// ended.
//
// It is walked backwards. The step ends when the hart says so; the hart went on when a command interrupted its sleep;
// that command executed, and began when the last of these was there: the command before it in its own queue had
// retired, the fence it waited for was reached, its descriptor had been fetched, and before that the hart had submitted
// it. The hart's time before a doorbell belongs to the command that the doorbell is for. Each piece of the path belongs
// to one unit and one operator; the pieces follow each other without gap or overlap, so their lengths add up to the
// step, to the picosecond. To make a step shorter, something on its path must become shorter; what is not on the path
// costs nothing.
//
// Known: commands, fences, doorbells and the hart's sleep. Not known: why a memory was slow (another unit may have been
// in the way), and what the hart was doing. The commands of one step are kept, up to `most_commands`; a longer step is
// walked in pieces of that many, each from the command that has just retired.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "ip/common/observer.h"

namespace gradus::observe {

enum class PathReason : std::uint8_t {
    execute, ///< a command's work; the hart: instructions
    memory,  ///< the part of a command that waits for its operands or results
    fetch,   ///< from the doorbell, or from the command before, until the descriptor is at hand
    wait,    ///< the hart: asleep, woken by no command; a queue: released by a command that is not known any more
};
inline constexpr int path_reason_count = 4;

struct CriticalPath {
    std::vector<std::array<ip::Picoseconds, path_reason_count>> by_unit;
    std::map<std::pair<std::uint8_t, std::uint32_t>, ip::Picoseconds> by_op; ///< (phase, op)

    ip::Picoseconds of_unit(ip::UnitId unit) const;
    ip::Picoseconds total() const;
    CriticalPath& operator+=(const CriticalPath& other);
};

class CriticalPathFinder {
public:
    static constexpr std::size_t most_commands = 1u << 18;

    /// Queues are units 0 to `queues` - 1; `hart` is another unit.
    CriticalPathFinder(std::size_t queues, ip::UnitId hart, std::size_t units, std::size_t limit = most_commands);

    void submitted(ip::UnitId queue, std::uint32_t count, ip::Picoseconds time);
    void ended(ip::UnitId queue, const ip::Tag& tag, const ip::CommandTimes& times);
    /// The hart does not sleep in [begin, end). In order.
    void awake(ip::Picoseconds begin, ip::Picoseconds end);

    /// The hart ends a step at `time`: the path from there back to where the step before ended.
    CriticalPath close_step(ip::Picoseconds time);

private:
    struct Command {
        ip::CommandTimes times;
        ip::Picoseconds doorbell;
        std::uint64_t order; ///< in which commands of all queues retired
        std::uint32_t op;
        std::uint8_t phase;
    };
    struct Queue {
        std::vector<Command> commands; ///< without gaps
        std::uint32_t submitted = 0;
        std::deque<ip::Picoseconds> doorbells; ///< of commands that have not ended
    };
    struct Sleep {
        ip::Picoseconds begin, end;
    };
    struct Event { ///< a doorbell or an interrupt
        ip::Picoseconds time;
        ip::UnitId queue;
        std::uint32_t index; ///< of the command
    };
    /// A place on the path: at `time` in a command, or in the hart on behalf of one.
    struct Place {
        ip::Picoseconds time;
        ip::UnitId queue;
        const Command* command; ///< null: the hart
        std::uint8_t phase;
        std::uint32_t op;
        std::uint64_t order; ///< what led here did not retire before
    };

    const Command* find(ip::UnitId queue, std::uint32_t index) const;
    void walk(Place place);
    void walk_hart(Place& place);
    void walk_issue(Place& place, ip::Picoseconds back_to);
    void walk_command(Place& place);
    bool enter(Place& place, ip::UnitId queue, const Command* command) const;
    void book(Place& place, ip::UnitId unit, PathReason reason, ip::Picoseconds back_to);
    void forget(ip::Picoseconds time);
    CriticalPath empty_path() const;

    const std::size_t limit_;
    const ip::UnitId hart_;
    const std::size_t units_;
    std::vector<Queue> queues_;
    std::vector<Sleep> sleeps_;
    std::vector<Event> doorbells_;
    std::vector<Event> interrupts_;
    ip::Picoseconds awake_until_ = 0;
    ip::Picoseconds floor_ = 0; ///< the path goes back to here
    std::size_t kept_ = 0;
    std::uint64_t order_ = 0;
    CriticalPath path_; ///< of this step so far
};

} // namespace gradus::observe
