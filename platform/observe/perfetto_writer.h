// SPDX-License-Identifier: Apache-2.0
// Streams what every unit does into a file of Chrome JSON trace events, for ui.perfetto.dev (open the file there): one
// track a unit, one slice a span, named by operator; a stall is named by what the unit waits for. More tracks: the
// training steps; the loss, when numbers are computed; how many commands each queue holds; and what is sampled
// (sampled_tracks.h).
//
// A slice is a pair of begin and end events, not a complete event: viewers round to nanoseconds, and a rounded duration
// could overlap the next slice and be dropped, while an end and the begin that follows carry the same digits.
//
// A slice that reaches into the window is shown whole; a counter has its value at the window's beginning.
//
// Memory is bounded by the write buffer and the samples that are kept. The file is valid JSON once the writer is
// finished or destroyed, also after an exception.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "platform/observe/perfetto_events.h"
#include "platform/observe/recorder.h"
#include "platform/observe/sampled_tracks.h"
#include "platform/observe/trace_selection.h"

namespace gradus::observe {

class PerfettoWriter : public TraceSink {
public:
    /// `op_names` by op number.
    PerfettoWriter(files::WholeFile file, const std::vector<UnitInfo>& units, const std::vector<std::string>& op_names,
                   const std::vector<BlockPower>& power, const TraceSelection& selection);
    ~PerfettoWriter() override;
    PerfettoWriter(const PerfettoWriter&) = delete;
    PerfettoWriter& operator=(const PerfettoWriter&) = delete;

    void span(ip::UnitId unit, const ip::Span& span) override;
    void submitted(ip::UnitId unit, std::uint32_t count, ip::Picoseconds time) override;
    void retired(ip::UnitId unit, const ip::Tag& tag, const ip::CommandWork& work) override;
    void ended(ip::UnitId unit, const ip::Tag& tag, const ip::CommandTimes& times) override;
    void counted(Counter counter, ip::Picoseconds begin, ip::Picoseconds end, std::int64_t amount) override;
    void sampled(ip::Picoseconds time) override;
    void step_done(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) override;
    void validated(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) override;
    void run_ended(ip::Picoseconds time) override;

    /// Closes the file. Later calls change nothing.
    const files::WholeFile& finish();
    std::uint64_t slices() const { return slices_; }          ///< of units
    std::uint64_t values() const { return events_.values(); } ///< of counters

private:
    /// A slice of the track of steps, from where the last one ended; returns the loss as its argument, if it is shown.
    std::string stretch(const std::string& fields, std::optional<float> loss, ip::Picoseconds time);
    struct Unit {
        UnitKind kind;
        std::string name; // inside of a JSON string, as all names here
        std::vector<std::string> opcode_names;
        CounterTrack depth;
        std::uint32_t submitted = 0, retired = 0;
        std::uint64_t work = 0; ///< of the command whose spans are reported next, in units of its kind
        std::unordered_map<std::uint64_t, std::string> texts{}; ///< of slices, up to the step; bounded by the operators
    };

    const std::string& text_of(Unit& unit, const ip::Span& span);
    std::string make_text(const Unit& unit, const ip::Span& span) const;
    std::string slice_name(const Unit& unit, const ip::Span& span) const;
    void count_depth(Unit& unit, ip::Picoseconds time);

    PerfettoEvents events_;
    const TraceSelection& selection_;
    std::vector<Unit> units_;
    const std::vector<std::string> op_names_;
    SampledTracks sampled_;
    CounterTrack loss_{"loss"};
    std::uint64_t slices_ = 0;
    ip::Picoseconds step_begin_ = 0;
};

} // namespace gradus::observe
