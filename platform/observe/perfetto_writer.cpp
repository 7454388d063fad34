// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/perfetto_writer.h"

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <iterator>
#include <stdexcept>

#include <fmt/compile.h>
#include <nlohmann/json.hpp>

#include "platform/observe/names.h"

namespace gradus::observe {

namespace {

constexpr std::size_t buffer_bytes = 1 << 20;
constexpr unsigned steps_track = 1; // units follow
constexpr const char* stall_colour = "grey";

// Reserved colour names of the trace format, by phase.
constexpr std::array<const char*, COMMAND_PHASE_GENERATE + 1> phase_colours = {
    "generic_work", "thread_state_running", "rail_animation", "thread_state_iowait", "rail_load"};

const char* colour_of(const ip::Span& span) {
    if (span.activity != ip::Activity::busy) return stall_colour;
    return phase_colours[span.tag.phase < phase_colours.size() ? span.tag.phase : COMMAND_PHASE_OTHER];
}

// The inside of a JSON string, without its quotes; bytes that are not UTF-8 are replaced.
std::string escaped(const std::string& text) {
    const std::string quoted = nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    return quoted.substr(1, quoted.size() - 2);
}

// Microseconds.
struct Timestamp {
    ip::Picoseconds time;
};

} // namespace

} // namespace gradus::observe

template <>
struct fmt::formatter<gradus::observe::Timestamp> {
    constexpr auto parse(format_parse_context& context) { return context.begin(); }
    template <typename Context>
    auto format(const gradus::observe::Timestamp& stamp, Context& context) const {
        return fmt::format_to(context.out(), FMT_COMPILE("{}.{:06}"), stamp.time / 1'000'000, stamp.time % 1'000'000);
    }
};

namespace gradus::observe {

PerfettoWriter::PerfettoWriter(const std::string& path, const std::vector<UnitInfo>& units,
                               const std::vector<std::string>& op_names, std::uint64_t limit)
    : path_(path), file_(std::fopen(path.c_str(), "wb")), limit_(limit) {
    if (!file_) throw std::runtime_error(fmt::format("cannot write the trace {}: {}", path, std::strerror(errno)));
    // The buffer here is the only one: what fwrite() has taken has met the device.
    std::setvbuf(file_, nullptr, _IONBF, 0);
    for (const UnitInfo& unit : units) {
        Track track{unit.kind, {}};
        for (unsigned opcode = 0; opcode < 256; ++opcode)
            track.opcode_names.push_back(opcode_name(unit.kind, static_cast<std::uint8_t>(opcode)));
        tracks_.push_back(std::move(track));
        unit_names_.push_back(escaped(unit.name));
    }
    for (const std::string& name : op_names)
        op_names_.push_back(escaped(name));
    write_header();
}

PerfettoWriter::~PerfettoWriter() { finish(); }

void PerfettoWriter::write_header() {
    const auto metadata = [this](unsigned track, const char* what, const std::string& key, const std::string& value) {
        begin_event();
        fmt::format_to(std::back_inserter(buffer_), R"({{"ph":"M","pid":1,"tid":{},"name":"{}","args":{{"{}":{}}}}})",
                       track, what, key, value);
    };
    fmt::format_to(std::back_inserter(buffer_), "{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    metadata(0, "process_name", "name", "\"chip\"");
    metadata(steps_track, "thread_name", "name", "\"steps\"");
    metadata(steps_track, "thread_sort_index", "sort_index", "0");
    for (std::size_t unit = 0; unit < unit_names_.size(); ++unit) {
        const auto track = static_cast<unsigned>(steps_track + 1 + unit);
        metadata(track, "thread_name", "name", '"' + unit_names_[unit] + '"');
        metadata(track, "thread_sort_index", "sort_index", std::to_string(unit + 1));
    }
}

void PerfettoWriter::begin_event() {
    const char* separator = first_event_ ? "\n" : ",\n";
    first_event_ = false;
    buffer_.append(separator, separator + std::strlen(separator));
}

void PerfettoWriter::slice_name(ip::UnitId unit, const ip::Span& span) {
    const auto append = [this](const std::string& text) { buffer_.append(text.data(), text.data() + text.size()); };
    switch (span.activity) {
    case ip::Activity::stall_fetch:
        return append("waits for a descriptor");
    case ip::Activity::stall_memory:
        return append("waits for memory");
    case ip::Activity::stall_bus:
        return append("waits for the bus");
    case ip::Activity::stall_fence:
        append("waits for ");
        if (span.detail < unit_names_.size()) return append(unit_names_[span.detail]);
        return append(fmt::format("queue {}", span.detail));
    case ip::Activity::busy:
        break;
    }
    if (span.tag.op < op_names_.size()) return append(op_names_[span.tag.op]);
    if (span.tag.op != COMMAND_NO_OP) return append(fmt::format("op {}", span.tag.op));
    if (tracks_[unit].kind == UnitKind::cpu) return append("firmware");
    append(tracks_[unit].opcode_names[span.opcode]);
}

void PerfettoWriter::span(ip::UnitId unit, const ip::Span& span) {
    if (!file_ || outcome_.error || unit >= tracks_.size() || span.begin == span.end) return;
    if (outcome_.slices >= limit_) {
        ++outcome_.left_out;
        return;
    }
    ++outcome_.slices;
    last_end_ = std::max(last_end_, span.end);
    const unsigned track = steps_track + 1 + unit;
    const auto out = std::back_inserter(buffer_);
    begin_event();
    fmt::format_to(out, FMT_COMPILE(R"({{"ph":"B","pid":1,"tid":{},"ts":{},"name":")"), track, Timestamp{span.begin});
    slice_name(unit, span);
    const char* phase = phase_name(span.tag.phase);
    fmt::format_to(out, FMT_COMPILE(R"(","cat":"{}","cname":"{}","args":{{"activity":"{}","step":{},"phase":"{}")"),
                   phase, colour_of(span), activity_name(span.activity), span.tag.step, phase);
    if (span.tag.layer != COMMAND_NO_LAYER) fmt::format_to(out, FMT_COMPILE(R"(,"layer":{})"), span.tag.layer);
    if (span.tag.op != COMMAND_NO_OP) fmt::format_to(out, FMT_COMPILE(R"(,"op":{})"), span.tag.op);
    if (tracks_[unit].kind != UnitKind::cpu)
        fmt::format_to(out, FMT_COMPILE(R"(,"opcode":"{}")"), tracks_[unit].opcode_names[span.opcode]);
    fmt::format_to(out, FMT_COMPILE("}}}},\n{{\"ph\":\"E\",\"pid\":1,\"tid\":{},\"ts\":{}}}"), track,
                   Timestamp{span.end});
    if (buffer_.size() >= buffer_bytes) flush();
}

void PerfettoWriter::step_done(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) {
    if (!file_ || outcome_.error || time <= step_begin_) return;
    const auto out = std::back_inserter(buffer_);
    begin_event();
    fmt::format_to(out, R"({{"ph":"B","pid":1,"tid":{},"ts":{},"name":"step {}","cat":"step","args":{{)", steps_track,
                   Timestamp{step_begin_}, step);
    const bool known = loss && std::isfinite(*loss);
    if (known) fmt::format_to(out, R"("loss":{})", *loss);
    fmt::format_to(out, "}}}},\n{{\"ph\":\"E\",\"pid\":1,\"tid\":{},\"ts\":{}}}", steps_track, Timestamp{time});
    if (known) {
        begin_event();
        fmt::format_to(out, R"({{"ph":"C","pid":1,"tid":0,"ts":{},"name":"loss","args":{{"loss":{}}}}})",
                       Timestamp{time}, *loss);
    }
    step_begin_ = time;
    if (buffer_.size() >= buffer_bytes) flush();
}

void PerfettoWriter::write_footer() {
    const auto out = std::back_inserter(buffer_);
    std::string note = "complete";
    if (outcome_.left_out) {
        note = fmt::format("units' slices end here: limit of {}, {} left out", limit_, outcome_.left_out);
        begin_event();
        fmt::format_to(out, R"({{"ph":"i","s":"g","pid":1,"tid":{},"ts":{},"name":"{}"}})", steps_track,
                       Timestamp{last_end_}, note);
    }
    fmt::format_to(out,
                   "\n],\"otherData\":{{\"generator\":\"gradus\",\"note\":\"{}\",\"slices\":{},\"left_out\":{}}}}}\n",
                   note, outcome_.slices, outcome_.left_out);
}

void PerfettoWriter::flush() {
    if (!outcome_.error && std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size()) fail(errno);
    buffer_.clear();
}

void PerfettoWriter::fail(int error_number) {
    outcome_.error = fmt::format("cannot write the trace {}: {}", path_, std::strerror(error_number));
}

const TraceOutcome& PerfettoWriter::finish() {
    if (!file_) return outcome_;
    write_footer();
    flush();
    if (std::fclose(file_) != 0 && !outcome_.error) fail(errno);
    file_ = nullptr;
    return outcome_;
}

} // namespace gradus::observe
