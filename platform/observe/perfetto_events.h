// SPDX-License-Identifier: Apache-2.0
// A file of Chrome JSON trace events (Google, "Trace Event Format"): what is common to all tracks. Timestamps are
// microseconds with as many of the six digits behind the point as picoseconds need.
//
// The file is valid JSON once it is closed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "platform/files/whole_file.h"
#include "platform/observe/trace_selection.h"

namespace gradus::observe {

/// The inside of a JSON string, without its quotes; bytes that are not UTF-8 are replaced.
std::string json_escaped(const std::string& text);

/// A value over time, drawn as a curve; several series of one name, as several curves.
class CounterTrack {
public:
    /// `name` is escaped.
    explicit CounterTrack(const std::string& name) : event_(R"({"ph":"C","pid":1,"name":")" + name + R"(","ts":)") {}

private:
    friend class PerfettoEvents;
    std::string event_;  ///< up to its time
    std::string series_; ///< the last value, as the inside of the object "args"
    bool begun_ = false; ///< it has a value in the window
};

class PerfettoEvents {
public:
    PerfettoEvents(files::WholeFile file, const TimeWindow& window);

    bool good() const { return file_.good(); }
    void name_process(std::string_view escaped_name);
    /// Tracks of slices are shown in the order of their numbers.
    void name_track(std::size_t track, std::string_view escaped_name);

    /// A slice of `track` from `begin` to `end`. `text`: what its first event says beside time and track, from a comma
    /// on, into the object "args", which ends with `last_arguments`.
    void slice(std::size_t track, ip::Picoseconds begin, ip::Picoseconds end, std::string_view text,
               std::string_view last_arguments);

    /// The counter has this value, the inside of the object "args", from `time` on. Only what is in the window is
    /// written; what it was before, at the window's beginning.
    void count(CounterTrack& counter, ip::Picoseconds time, std::string_view series);
    /// A counter that has kept its value since before the window.
    void begin_late(CounterTrack& counter);

    std::uint64_t values() const { return values_; } ///< of counters
    /// `slices` is written for readers that want to know whether the file is whole. Later calls change nothing.
    const files::WholeFile& close(std::uint64_t slices);

private:
    void separate();
    void append_time(ip::Picoseconds time);
    void write(const CounterTrack& counter, ip::Picoseconds time);

    files::WholeFile file_;
    const TimeWindow& window_;
    std::vector<std::string> begins_, ends_; ///< of slices, by track, up to their time
    bool first_ = true;
    std::uint64_t values_ = 0;
    ip::Picoseconds last_time_ = 0; ///< that was written: an end and the begin behind it have the same
    fmt::basic_memory_buffer<char, 32> last_time_text_;
};

} // namespace gradus::observe
