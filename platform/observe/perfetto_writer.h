// SPDX-License-Identifier: Apache-2.0
// Streams what every unit does into a file of Chrome JSON trace events, for ui.perfetto.dev (open the file there) or
// chrome://tracing: one track a unit, one slice a span, named by operator; a stall is named by what the unit waits for.
// Two more tracks: the training steps, and the loss as a counter when numbers are computed.
//
// Format: Google, "Trace Event Format". Timestamps are microseconds with all six digits that picoseconds have. A slice
// is a pair of begin and end events, not a complete event: viewers round to nanoseconds, and a rounded duration could
// overlap the next slice and be dropped, while an end and the begin that follows carry the same digits.
// Colours by phase (`cname`) show in chrome://tracing; Perfetto colours by slice name.
//
// Memory is bounded by the write buffer. The file is valid JSON once the writer is finished or destroyed, also after an
// exception. Not atomic: a trace can be larger than anything one would want to keep twice.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "platform/observe/recorder.h"

namespace gradus::observe {

/// What came of a trace.
struct TraceOutcome {
    std::uint64_t slices = 0;         ///< in the file
    std::uint64_t left_out = 0;       ///< past the limit; the file says so, too
    std::optional<std::string> error; ///< the first write error, a message for people; nothing was written after it
};

class PerfettoWriter : public SpanSink {
public:
    /// About a quarter of a gigabyte of JSON; larger files are hard on viewers.

    /// `op_names` by op number. Throws std::runtime_error when the file cannot be opened.
    PerfettoWriter(const std::string& path, const std::vector<UnitInfo>& units,
                   const std::vector<std::string>& op_names, std::uint64_t limit);
    ~PerfettoWriter() override;
    PerfettoWriter(const PerfettoWriter&) = delete;
    PerfettoWriter& operator=(const PerfettoWriter&) = delete;

    void span(ip::UnitId unit, const ip::Span& span) override;
    /// A step that began where the previous one ended. No loss: no numbers are computed.
    void step_done(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time);

    /// Closes the file. Later calls change nothing.
    const TraceOutcome& finish();

private:
    struct Track {
        UnitKind kind;
        std::vector<std::string> opcode_names;
    };

    void write_header();
    void write_footer();
    void begin_event();
    void slice_name(ip::UnitId unit, const ip::Span& span);
    void flush();
    void fail(int error_number);

    std::string path_;
    std::FILE* file_;
    fmt::memory_buffer buffer_;
    std::vector<Track> tracks_;
    std::vector<std::string> unit_names_; // inside of a JSON string, as all names here
    std::vector<std::string> op_names_;
    std::uint64_t limit_;
    bool first_event_ = true;
    ip::Picoseconds step_begin_ = 0;
    ip::Picoseconds last_end_ = 0;
    TraceOutcome outcome_;
};

} // namespace gradus::observe
