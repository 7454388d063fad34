// SPDX-License-Identifier: Apache-2.0
// Streams what every unit does into a file of Chrome JSON trace events, for ui.perfetto.dev (open the file there): one
// track a unit, one slice a span, named by operator; a stall is named by what the unit waits for. More tracks: the
// training steps; the loss, when numbers are computed; how many commands each queue holds; the rate of each memory, and
// the share of its bandwidth in use, averaged from sample to sample.
//
// Format: Google, "Trace Event Format". Timestamps are microseconds with all six digits that picoseconds have. A slice
// is a pair of begin and end events, not a complete event: viewers round to nanoseconds, and a rounded duration could
// overlap the next slice and be dropped, while an end and the begin that follows carry the same digits.
//
// A slice that reaches into the window is shown whole; a counter has its value at the window's beginning.
//
// Memory is bounded by the write buffer. The file is valid JSON once the writer is finished or destroyed, also after an
// exception. Not atomic: a trace can be larger than anything one would want to keep twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/observe/recorder.h"
#include "platform/observe/result.h"
#include "platform/observe/trace_file.h"
#include "platform/observe/trace_selection.h"

namespace gradus::observe {

class PerfettoWriter : public TraceSink {
public:
    /// `op_names` by op number. Throws std::runtime_error when the file cannot be opened.
    PerfettoWriter(const std::string& path, const std::vector<UnitInfo>& units,
                   const std::vector<std::string>& op_names, const TraceSelection& selection);
    ~PerfettoWriter() override;
    PerfettoWriter(const PerfettoWriter&) = delete;
    PerfettoWriter& operator=(const PerfettoWriter&) = delete;

    void span(ip::UnitId unit, const ip::Span& span) override;
    void submitted(ip::UnitId unit, std::uint32_t count, ip::Picoseconds time) override;
    void ended(ip::UnitId unit, const ip::Tag& tag, const ip::CommandTimes& times) override;
    void memories(ip::Picoseconds time, const std::vector<MemoryTotals>& totals) override;
    void step_done(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) override;
    void run_ended(ip::Picoseconds time) override;

    /// Closes the file. Later calls change nothing.
    const TraceFile& finish();
    std::uint64_t slices() const { return slices_; } ///< of units

private:
    struct Counter {
        std::string name;
        std::string series; ///< the last value, as the inside of a JSON object
        bool begun = false; ///< it has a value in the window
    };
    struct Track {
        UnitKind kind;
        std::string name;       // inside of a JSON string, as all names here
        std::string begin, end; ///< events up to their time
        std::vector<std::string> opcode_names;
        Counter depth;
        std::uint32_t submitted = 0, retired = 0;
    };
    struct Memory {
        Counter rate, busy;
        ip::Bytes read = 0, written = 0;
        ip::Picoseconds booked = 0;       ///< busy time so far
        ip::Picoseconds booked_ahead = 0; ///< of a request that was still at work at the last sample
    };

    void write_header();
    void separate();
    void slice_name(const Track& track, const ip::Span& span);
    void count(Counter& counter, ip::Picoseconds time, std::string_view series);
    void write(const Counter& counter, ip::Picoseconds time);
    void count_depth(Track& track, ip::Picoseconds time);
    void sample(Memory& memory, const MemoryTotals& totals, ip::Picoseconds from, ip::Picoseconds to);
    void begin_late(Counter& counter);

    TraceFile file_;
    const TraceSelection& selection_;
    std::vector<Track> tracks_;
    std::vector<std::string> op_names_;
    std::vector<Memory> memories_;
    Counter loss_;
    bool first_event_ = true;
    std::uint64_t slices_ = 0;
    ip::Picoseconds step_begin_ = 0;
    ip::Picoseconds sampled_ = 0; ///< memories, until here
};

} // namespace gradus::observe
