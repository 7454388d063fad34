// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/perfetto_writer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/compile.h>

#include "platform/observe/names.h"

namespace gradus::observe {

namespace {

constexpr std::size_t steps_track = 1; // units follow

std::vector<std::string> escaped(std::vector<std::string> names) {
    std::transform(names.begin(), names.end(), names.begin(), json_escaped);
    return names;
}

const char* amount_key(UnitKind kind) {
    switch (kind) {
    case UnitKind::dma:
        return R"(,"bytes":)";
    case UnitKind::matrix:
        return R"(,"macs":)";
    default:
        return R"(,"elements":)";
    }
}

/// Spans of a unit with one key have slices that differ in their times, their step and their amount of work alone.
std::uint64_t key_of(const ip::Span& span) {
    static_assert(ip::activity_count <= 8 && COMMAND_PHASES <= 31);
    std::uint64_t key = span.tag.op;
    key = key << 16 | span.tag.layer;
    key = key << 16 | span.detail;
    key = key << 8 | span.opcode;
    key = key << 5 | std::min<std::uint8_t>(span.tag.phase, 31);
    return key << 3 | static_cast<std::uint64_t>(span.activity);
}

} // namespace

PerfettoWriter::PerfettoWriter(files::WholeFile file, const std::vector<UnitInfo>& units,
                               const std::vector<std::string>& op_names, const std::vector<BlockPower>& power,
                               const TraceSelection& selection)
    : events_(std::move(file), selection.window()), selection_(selection), op_names_(escaped(op_names)),
      sampled_(power, selection) {
    events_.name_process("chip");
    events_.name_track(steps_track, "steps");
    for (const UnitInfo& info : units) {
        Unit unit{info.kind, json_escaped(info.name), {}, CounterTrack(json_escaped(info.name) + " queue")};
        for (unsigned opcode = 0; opcode < 256; ++opcode)
            unit.opcode_names.push_back(opcode_name(info.kind, static_cast<std::uint8_t>(opcode)));
        units_.push_back(std::move(unit));
        events_.name_track(steps_track + units_.size(), units_.back().name);
    }
}

PerfettoWriter::~PerfettoWriter() { finish(); }

std::string PerfettoWriter::slice_name(const Unit& unit, const ip::Span& span) const {
    switch (span.activity) {
    case ip::Activity::stall_fetch:
        return "waits for a descriptor";
    case ip::Activity::stall_memory:
        return "waits for memory";
    case ip::Activity::stall_bus:
        return "waits for the bus";
    case ip::Activity::stall_fence:
        return "waits for " +
               (span.detail < units_.size() ? units_[span.detail].name : fmt::format("queue {}", span.detail));
    case ip::Activity::busy:
        break;
    }
    if (span.tag.op < op_names_.size()) return op_names_[span.tag.op];
    if (span.tag.op != COMMAND_NO_OP) return fmt::format("op {}", span.tag.op);
    return unit.kind == UnitKind::cpu ? "firmware" : unit.opcode_names[span.opcode];
}

std::string PerfettoWriter::make_text(const Unit& unit, const ip::Span& span) const {
    std::string text =
        fmt::format(R"(,"name":"{}","cat":"{}","args":{{)", slice_name(unit, span), phase_name(span.tag.phase));
    if (span.tag.layer != COMMAND_NO_LAYER) text += fmt::format(R"("layer":{},)", span.tag.layer);
    if (span.tag.op != COMMAND_NO_OP) text += fmt::format(R"("op":{},)", span.tag.op);
    if (span.activity == ip::Activity::busy && unit.kind != UnitKind::cpu)
        text += fmt::format(R"("opcode":"{}",)", unit.opcode_names[span.opcode]);
    return text + R"("step":)";
}

const std::string& PerfettoWriter::text_of(Unit& unit, const ip::Span& span) {
    std::string& text = unit.texts[key_of(span)];
    if (text.empty()) text = make_text(unit, span);
    return text;
}

void PerfettoWriter::span(ip::UnitId unit, const ip::Span& span) {
    if (!events_.good() || unit >= units_.size() || span.begin == span.end || !selection_.shows(unit, span)) return;
    ++slices_;
    Unit& of = units_[unit];
    fmt::basic_memory_buffer<char, 64> last;
    fmt::format_to(fmt::appender(last), FMT_COMPILE("{}"), span.tag.step);
    if (span.activity == ip::Activity::busy && of.work > 0)
        fmt::format_to(fmt::appender(last), FMT_COMPILE("{}{}"), amount_key(of.kind), of.work);
    events_.slice(steps_track + 1 + unit, span.begin, span.end, text_of(of, span), {last.data(), last.size()});
}

void PerfettoWriter::count_depth(Unit& unit, ip::Picoseconds time) {
    fmt::basic_memory_buffer<char, 32> series;
    fmt::format_to(fmt::appender(series), FMT_COMPILE(R"("commands":{})"), unit.submitted - unit.retired);
    events_.count(unit.depth, time, {series.data(), series.size()});
}

void PerfettoWriter::submitted(ip::UnitId unit, std::uint32_t count, ip::Picoseconds time) {
    if (unit >= units_.size() || !selection_.shows_queue(unit)) return;
    units_[unit].submitted = count;
    count_depth(units_[unit], time);
}

void PerfettoWriter::retired(ip::UnitId unit, const ip::Tag&, const ip::CommandWork& work) {
    if (unit < units_.size()) units_[unit].work = work.amount();
}

void PerfettoWriter::ended(ip::UnitId unit, const ip::Tag&, const ip::CommandTimes& times) {
    if (unit >= units_.size()) return;
    units_[unit].work = 0;
    if (!selection_.shows_queue(unit)) return;
    units_[unit].retired = times.index + 1;
    count_depth(units_[unit], times.end);
}

void PerfettoWriter::counted(Counter counter, ip::Picoseconds begin, ip::Picoseconds end, std::int64_t amount) {
    sampled_.counted(counter, begin, end, amount);
}

void PerfettoWriter::sampled(ip::Picoseconds time) { sampled_.sampled(time, events_); }

void PerfettoWriter::step_done(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) {
    const std::string value = stretch(fmt::format(R"(,"name":"step {}","cat":"step","args":{{)", step), loss, time);
    if (!value.empty()) events_.count(loss_, time, value);
}

void PerfettoWriter::validated(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) {
    stretch(fmt::format(R"(,"name":"validation after step {}","cat":"validation","args":{{)", step), loss, time);
}

std::string PerfettoWriter::stretch(const std::string& fields, std::optional<float> loss, ip::Picoseconds time) {
    if (time <= step_begin_) return {};
    const ip::Picoseconds begin = std::exchange(step_begin_, time);
    if (!selection_.window().touches(begin, time)) return {};
    std::string value = loss && std::isfinite(*loss) ? fmt::format(R"("loss":{})", *loss) : std::string();
    events_.slice(steps_track, begin, time, fields, value);
    return value;
}

void PerfettoWriter::run_ended(ip::Picoseconds time) {
    if (time <= selection_.window().begin) return;
    for (Unit& unit : units_)
        events_.begin_late(unit.depth);
    sampled_.run_ended(time, events_);
}

const files::WholeFile& PerfettoWriter::finish() { return events_.close(slices_); }

} // namespace gradus::observe
