// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/perfetto_writer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/compile.h>
#include <nlohmann/json.hpp>

#include "platform/observe/names.h"

namespace gradus::observe {

namespace {

constexpr unsigned steps_track = 1; // units follow

// The inside of a JSON string, without its quotes; bytes that are not UTF-8 are replaced.
std::string escaped(const std::string& text) {
    const std::string quoted = nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    return quoted.substr(1, quoted.size() - 2);
}

// Microseconds, with all six digits that picoseconds have.
void append_time(TraceFile& file, ip::Picoseconds time) {
    file.append(time / 1'000'000);
    char digits[] = ".000000";
    ip::Picoseconds rest = time % 1'000'000;
    for (int i = 6; rest > 0; --i, rest /= 10)
        digits[i] = static_cast<char>('0' + rest % 10);
    file.append(std::string_view(digits, 7));
}

} // namespace

PerfettoWriter::PerfettoWriter(const std::string& path, const std::vector<UnitInfo>& units,
                               const std::vector<std::string>& op_names, const TraceSelection& selection)
    : file_(path), selection_(selection), loss_{"loss", {}, false} {
    for (const UnitInfo& unit : units) {
        Track track{unit.kind, escaped(unit.name), {}, {}, {}, {}, 0, 0};
        const std::size_t number = steps_track + 1 + tracks_.size();
        track.begin = fmt::format(R"({{"ph":"B","pid":1,"tid":{},"ts":)", number);
        track.end = fmt::format(R"({{"ph":"E","pid":1,"tid":{},"ts":)", number);
        track.depth.name = track.name + " queue";
        for (unsigned opcode = 0; opcode < 256; ++opcode)
            track.opcode_names.push_back(opcode_name(unit.kind, static_cast<std::uint8_t>(opcode)));
        tracks_.push_back(std::move(track));
    }
    for (const std::string& name : op_names)
        op_names_.push_back(escaped(name));
    write_header();
}

PerfettoWriter::~PerfettoWriter() { finish(); }

void PerfettoWriter::write_header() {
    const auto metadata = [this](std::size_t track, const char* what, const char* key, const std::string& value) {
        separate();
        file_.append(
            fmt::format(R"({{"ph":"M","pid":1,"tid":{},"name":"{}","args":{{"{}":{}}}}})", track, what, key, value));
    };
    file_.append(R"({"displayTimeUnit":"ns","traceEvents":[)");
    metadata(0, "process_name", "name", "\"chip\"");
    metadata(steps_track, "thread_name", "name", "\"steps\"");
    metadata(steps_track, "thread_sort_index", "sort_index", "0");
    for (std::size_t unit = 0; unit < tracks_.size(); ++unit) {
        const std::size_t track = steps_track + 1 + unit;
        metadata(track, "thread_name", "name", '"' + tracks_[unit].name + '"');
        metadata(track, "thread_sort_index", "sort_index", std::to_string(unit + 1));
    }
}

void PerfettoWriter::separate() {
    file_.append(first_event_ ? "\n" : ",\n");
    first_event_ = false;
}

void PerfettoWriter::slice_name(const Track& track, const ip::Span& span) {
    switch (span.activity) {
    case ip::Activity::stall_fetch:
        return file_.append("waits for a descriptor");
    case ip::Activity::stall_memory:
        return file_.append("waits for memory");
    case ip::Activity::stall_bus:
        return file_.append("waits for the bus");
    case ip::Activity::stall_fence:
        file_.append("waits for ");
        if (span.detail < tracks_.size()) return file_.append(tracks_[span.detail].name);
        return file_.append(fmt::format("queue {}", span.detail));
    case ip::Activity::busy:
        break;
    }
    if (span.tag.op < op_names_.size()) return file_.append(op_names_[span.tag.op]);
    if (span.tag.op != COMMAND_NO_OP) return file_.append(fmt::format("op {}", span.tag.op));
    file_.append(track.kind == UnitKind::cpu ? "firmware" : track.opcode_names[span.opcode]);
}

void PerfettoWriter::span(ip::UnitId unit, const ip::Span& span) {
    if (!file_.good() || unit >= tracks_.size() || span.begin == span.end || !selection_.shows(unit, span)) return;
    ++slices_;
    const Track& track = tracks_[unit];
    separate();
    file_.append(track.begin);
    append_time(file_, span.begin);
    file_.append(R"(,"name":")");
    slice_name(track, span);
    file_.append(R"(","cat":")");
    file_.append(phase_name(span.tag.phase));
    file_.append(R"(","args":{"step":)");
    file_.append(std::uint64_t{span.tag.step});
    if (span.tag.layer != COMMAND_NO_LAYER) {
        file_.append(R"(,"layer":)");
        file_.append(std::uint64_t{span.tag.layer});
    }
    if (span.tag.op != COMMAND_NO_OP) {
        file_.append(R"(,"op":)");
        file_.append(std::uint64_t{span.tag.op});
    }
    if (span.activity == ip::Activity::busy && track.kind != UnitKind::cpu) {
        file_.append(R"(,"opcode":")");
        file_.append(track.opcode_names[span.opcode]);
        file_.append("\"");
    }
    file_.append("}},\n");
    file_.append(track.end);
    append_time(file_, span.end);
    file_.append("}");
}

void PerfettoWriter::count(Counter& counter, ip::Picoseconds time, std::string_view series) {
    const TimeWindow& window = selection_.window();
    if (counter.series == series || time >= window.end) return;
    if (time > window.begin) begin_late(counter);
    counter.series = series;
    if (time < window.begin) return;
    counter.begun = true;
    write(counter, time);
}

// A counter that has kept its value since before the window.
void PerfettoWriter::begin_late(Counter& counter) {
    if (counter.begun || counter.series.empty()) return;
    counter.begun = true;
    write(counter, selection_.window().begin);
}

void PerfettoWriter::write(const Counter& counter, ip::Picoseconds time) {
    if (!file_.good()) return;
    separate();
    file_.append(R"({"ph":"C","pid":1,"tid":0,"ts":)");
    append_time(file_, time);
    file_.append(R"(,"name":")");
    file_.append(counter.name);
    file_.append(R"(","args":{)");
    file_.append(counter.series);
    file_.append("}}");
}

void PerfettoWriter::count_depth(Track& track, ip::Picoseconds time) {
    fmt::basic_memory_buffer<char, 32> series;
    fmt::format_to(fmt::appender(series), FMT_COMPILE(R"("commands":{})"), track.submitted - track.retired);
    count(track.depth, time, {series.data(), series.size()});
}

void PerfettoWriter::submitted(ip::UnitId unit, std::uint32_t count, ip::Picoseconds time) {
    if (unit >= tracks_.size() || !selection_.shows_queue(unit)) return;
    tracks_[unit].submitted = count;
    count_depth(tracks_[unit], time);
}

void PerfettoWriter::ended(ip::UnitId unit, const ip::Tag&, const ip::CommandTimes& times) {
    if (unit >= tracks_.size() || !selection_.shows_queue(unit)) return;
    tracks_[unit].retired = times.index + 1;
    count_depth(tracks_[unit], times.end);
}

void PerfettoWriter::memories(ip::Picoseconds time, const std::vector<MemoryTotals>& totals) {
    if (time <= sampled_) return;
    for (std::size_t i = memories_.size(); i < totals.size(); ++i) {
        const std::string name = escaped(totals[i].name);
        memories_.push_back({{name + " GB/s", {}, false}, {name + " busy %", {}, false}, 0, 0, 0, 0});
    }
    for (std::size_t i = 0; i < totals.size(); ++i)
        if (selection_.shows_memory(i)) sample(memories_[i], totals[i], sampled_, time);
    sampled_ = time;
}

void PerfettoWriter::sample(Memory& memory, const MemoryTotals& totals, ip::Picoseconds from, ip::Picoseconds to) {
    const auto length = static_cast<double>(to - from);
    const auto rate = [length](ip::Bytes bytes) { return 1000 * static_cast<double>(bytes) / length; }; // GB/s
    count(memory.rate, from,
          fmt::format(R"("read":{:.4g},"written":{:.4g})", rate(totals.bytes_read - memory.read),
                      rate(totals.bytes_written - memory.written)));
    // A memory books the whole of a request when it arrives, perhaps beyond the sample.
    const ip::Picoseconds booked = memory.booked_ahead + totals.busy - memory.booked;
    const ip::Picoseconds busy = std::min(booked, to - from);
    count(memory.busy, from, fmt::format(R"("busy":{:.4g})", 100 * static_cast<double>(busy) / length));
    memory.read = totals.bytes_read;
    memory.written = totals.bytes_written;
    memory.booked = totals.busy;
    memory.booked_ahead = booked - busy;
}

void PerfettoWriter::step_done(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) {
    if (!file_.good() || time <= step_begin_) return;
    const ip::Picoseconds begin = std::exchange(step_begin_, time);
    if (!selection_.window().touches(begin, time)) return;
    separate();
    file_.append(fmt::format(R"({{"ph":"B","pid":1,"tid":{},"ts":)", steps_track));
    append_time(file_, begin);
    file_.append(fmt::format(R"(,"name":"step {}","cat":"step","args":{{)", step));
    const bool known = loss && std::isfinite(*loss);
    if (known) file_.append(fmt::format(R"("loss":{})", *loss));
    file_.append(fmt::format("}}}},\n{{\"ph\":\"E\",\"pid\":1,\"tid\":{},\"ts\":", steps_track));
    append_time(file_, time);
    file_.append("}");
    if (known) count(loss_, time, fmt::format(R"("loss":{})", *loss));
}

void PerfettoWriter::run_ended(ip::Picoseconds time) {
    if (time <= selection_.window().begin) return;
    for (Track& track : tracks_)
        begin_late(track.depth);
    for (Memory& memory : memories_) {
        begin_late(memory.rate);
        begin_late(memory.busy);
        if (memory.rate.series.empty()) continue;
        count(memory.rate, time, R"("read":0,"written":0)");
        count(memory.busy, time, R"("busy":0)");
    }
}

const TraceFile& PerfettoWriter::finish() {
    if (file_.good())
        file_.append(fmt::format("\n],\"otherData\":{{\"generator\":\"gradus\",\"slices\":{}}}}}\n", slices_));
    file_.close();
    return file_;
}

} // namespace gradus::observe
