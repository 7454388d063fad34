// SPDX-License-Identifier: Apache-2.0
// Streams queues and units as signals into a value change dump (IEEE 1364-2005, 18.2), for GTKWave and other waveform
// viewers, in picoseconds. Of each queue: `depth` (commands submitted and not retired) and `fence` (commands retired).
// Of each unit: `busy` and a wire for each kind of stall; `op`, the number of the operator it works for, x for none. Of
// the chip: `steps_done`.
//
// A dump must be in order of time, but a span is known only when it ends. So changes are kept until no unit can report
// an earlier one any more: not longer than the longest time that a unit with work at hand is silent. At most
// `most_pending` are kept; then a silent unit's past is written as x, unknown, up to the first time that is kept, and
// unknown() says so. Within the hart's cells (ip/cpu/hart_spans.h) the order is not exact.
//
// The file is a valid dump whenever it ends.
#pragma once

#include <cstdint>
#include <vector>

#include "platform/files/whole_file.h"
#include "platform/observe/trace_sink.h"
#include "platform/observe/vcd_layout.h"

namespace gradus::observe {

class VcdWriter : public TraceSink {
public:
    static constexpr std::size_t most_changes = 1u << 19; ///< 8 MiB

    VcdWriter(files::WholeFile file, const std::vector<UnitInfo>& units, const TraceSelection& selection,
              std::size_t most_pending = most_changes);
    ~VcdWriter() override;
    VcdWriter(const VcdWriter&) = delete;
    VcdWriter& operator=(const VcdWriter&) = delete;

    void span(ip::UnitId unit, const ip::Span& span) override;
    void submitted(ip::UnitId unit, std::uint32_t count, ip::Picoseconds time) override;
    void ended(ip::UnitId unit, const ip::Tag& tag, const ip::CommandTimes& times) override;
    void step_done(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) override;
    void run_ended(ip::Picoseconds time) override;

    /// Writes what is kept and closes the file. Later calls change nothing.
    const files::WholeFile& finish();
    std::uint64_t changes() const { return changes_; }   ///< of values in the window
    ip::Picoseconds unknown() const { return unknown_; } ///< of all units together

private:
    struct Change {
        ip::Picoseconds time;
        std::uint32_t value;
        std::uint16_t signal;
        bool known;
    };
    struct Unit {
        std::uint32_t submitted = 0, retired = 0;
        ip::Picoseconds settled = 0; ///< it reports nothing that happened before
        bool resting = true;         ///< it reports nothing until the next doorbell
    };
    struct Value {
        std::uint32_t value = 0;
        bool known = true;
        bool operator!=(const Value& other) const { return known != other.known || value != other.value; }
    };

    void change(std::uint16_t signal, ip::Picoseconds time, std::uint32_t value, bool known = true);
    void count_depth(ip::UnitId unit, ip::Picoseconds time);
    void settle();
    void sort();
    void give_up(ip::Picoseconds time);
    void write_until(ip::Picoseconds time);
    void write_instant(std::size_t first, std::size_t last);
    void stand_at(ip::Picoseconds time);
    void write(std::uint16_t signal);

    files::WholeFile file_;
    const TraceSelection& selection_;
    const VcdLayout layout_;
    const std::size_t most_pending_;
    std::size_t settle_at_;
    std::vector<Change> pending_;
    std::vector<Unit> units_;
    std::vector<Value> values_;  ///< by signal
    std::vector<Value> written_; ///< from the window's beginning on
    std::vector<std::uint16_t> touched_;
    ip::Picoseconds floor_ = 0; ///< everything before is written
    ip::Picoseconds time_ = 0;  ///< the last one in the file
    ip::Picoseconds unknown_ = 0;
    std::uint64_t changes_ = 0;
    bool begun_ = false; ///< the window
};

} // namespace gradus::observe
