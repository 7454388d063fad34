// SPDX-License-Identifier: Apache-2.0
// What every unit did when, in bounded memory, from the whole run down to single commands:
//
//   run    from reset to the end
//   step   the last complete step (or the one under way, if none was completed)
//   head   the beginning of that step, span by span as units report them
//
// A level keeps spans as they are until there are too many. Then neighbours of one unit that lie within a grain of time
// are merged, and the grain doubles until half of the limit is left; what is longer than the grain stays as it is. A
// merged slice says how many spans it stands for and what their time was. The head is not merged but ends: it holds
// every span that begins before its end. Sums are exact on every level; nothing is left out of run and step.
#pragma once

#include <cstdint>
#include <vector>

#include "ip/common/observer.h"
#include "platform/observe/time_accounts.h"

namespace gradus::observe {

struct TimelineSlice {
    ip::Picoseconds begin = 0;
    ip::Picoseconds end = 0;
    Usage usage;                              ///< what lies between the spans is idle
    std::uint32_t spans = 1;                  ///< that it stands for
    std::uint32_t op = COMMAND_NO_OP;         ///< of the spans, if they have one in common; else COMMAND_NO_OP
    std::uint16_t detail = 0;                 ///< of one span; as in ip::Span
    std::uint8_t phase = COMMAND_PHASE_OTHER; ///< likewise; else COMMAND_PHASE_OTHER
    std::uint8_t opcode = 0;
};

/// Slices of a stretch of time.
struct TimelineLevel {
    const char* name = "";
    ip::Picoseconds begin = 0;
    ip::Picoseconds end = 0;
    ip::Picoseconds grain = 0; ///< 0: nothing is merged
    std::vector<std::vector<TimelineSlice>> units;
};

/// A level that merges.
class MergingSlices {
public:
    MergingSlices(std::size_t units, std::size_t limit);

    void add(ip::UnitId unit, const ip::Span& span);
    void clear();
    TimelineLevel level(const char* name, ip::Picoseconds begin, ip::Picoseconds end) const;

private:
    bool merged(std::vector<TimelineSlice>& slices, const TimelineSlice& next) const;
    void coarsen();

    std::size_t limit_;
    std::size_t count_ = 0;
    ip::Picoseconds grain_ = 0;
    std::vector<std::vector<TimelineSlice>> units_;
};

/// A level that ends.
class LeadingSlices {
public:
    LeadingSlices(std::size_t units, std::size_t limit);

    void add(ip::UnitId unit, const ip::Span& span);
    void clear();
    /// Ends at `end`, or earlier.
    TimelineLevel level(const char* name, ip::Picoseconds begin, ip::Picoseconds end) const;

private:
    std::size_t limit_;
    std::size_t count_ = 0;
    ip::Picoseconds end_;
    std::vector<std::vector<TimelineSlice>> units_;
};

class Timeline {
public:
    static constexpr std::size_t most_of_run = 2048;
    static constexpr std::size_t most_of_step = 6144;
    static constexpr std::size_t most_of_head = 4096;

    explicit Timeline(std::size_t units);

    void span(ip::UnitId unit, const ip::Span& span);
    void step_done(ip::Picoseconds time);
    /// What came after the last step until `time` belongs to none.
    void between_steps(ip::Picoseconds time);
    /// Of a run that ended at `time`; a level without a slice is left out.
    std::vector<TimelineLevel> levels(ip::Picoseconds time) const;

private:
    struct Step {
        ip::Picoseconds begin = 0;
        ip::Picoseconds end = 0;
        MergingSlices slices;
        LeadingSlices head;
    };

    MergingSlices run_;
    Step current_;
    Step last_; ///< complete; there is none while it ends at 0
};

} // namespace gradus::observe
