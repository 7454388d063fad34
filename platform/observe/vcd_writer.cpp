// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/vcd_writer.h"

#include <algorithm>
#include <utility>

#include <fmt/compile.h>

namespace gradus::observe {

namespace {

constexpr std::size_t first_settling = 4096; // changes

} // namespace

VcdWriter::VcdWriter(files::WholeFile file, const std::vector<UnitInfo>& units, const TraceSelection& selection,
                     std::size_t most_pending)
    : file_(std::move(file)), selection_(selection), layout_(units, selection), most_pending_(most_pending),
      settle_at_(std::min(first_settling, most_pending)), units_(units.size()), values_(layout_.signals.size()),
      written_(layout_.signals.size()) {
    for (ip::UnitId unit = 0; unit < units.size(); ++unit) {
        units_[unit].resting = units[unit].kind != UnitKind::cpu;
        if (layout_.units[unit].op != VcdUnit::none) values_[layout_.units[unit].op].known = false;
    }
    file_.append(layout_.header());
}

VcdWriter::~VcdWriter() { finish(); }

void VcdWriter::change(std::uint16_t signal, ip::Picoseconds time, std::uint32_t value, bool known) {
    if (signal == VcdUnit::none || time >= selection_.window().end) return;
    pending_.push_back({time, value, signal, known});
}

void VcdWriter::span(ip::UnitId id, const ip::Span& span) {
    if (id >= units_.size() || span.begin == span.end) return;
    const ip::Picoseconds begin = std::max(span.begin, floor_);
    units_[id].settled = std::max(units_[id].settled, span.end);
    if (begin < span.end && selection_.shows(id, span)) {
        const VcdUnit& unit = layout_.units[id];
        const std::uint16_t wire = unit.activity[static_cast<std::size_t>(span.activity)];
        const bool has_op = span.tag.op != COMMAND_NO_OP;
        change(wire, begin, 1);
        change(unit.op, begin, has_op ? span.tag.op : 0, has_op);
        change(wire, span.end, 0);
        change(unit.op, span.end, 0, false);
    }
    settle();
}

void VcdWriter::count_depth(ip::UnitId id, ip::Picoseconds time) {
    const Unit& unit = units_[id];
    change(layout_.units[id].depth, time, unit.submitted - unit.retired);
}

void VcdWriter::submitted(ip::UnitId id, std::uint32_t count, ip::Picoseconds time) {
    if (id >= units_.size()) return;
    Unit& unit = units_[id];
    unit.submitted = count;
    if (unit.resting) unit.settled = std::max(unit.settled, time);
    unit.resting = unit.submitted == unit.retired;
    count_depth(id, time);
    settle();
}

void VcdWriter::ended(ip::UnitId id, const ip::Tag&, const ip::CommandTimes& times) {
    if (id >= units_.size()) return;
    Unit& unit = units_[id];
    unit.retired = times.index + 1;
    unit.settled = std::max(unit.settled, times.end);
    unit.resting = unit.submitted == unit.retired;
    count_depth(id, times.end);
    change(layout_.units[id].fence, times.end, unit.retired);
    settle();
}

void VcdWriter::step_done(std::uint32_t step, std::optional<float>, ip::Picoseconds time) {
    change(layout_.step, time, step + 1);
}

void VcdWriter::run_ended(ip::Picoseconds time) {
    sort();
    write_until(std::min(time, selection_.window().end));
    if (time <= selection_.window().begin) return;
    stand_at(selection_.window().begin);
    stand_at(std::min(time, selection_.window().end));
}

void VcdWriter::settle() {
    if (pending_.size() < settle_at_) return;
    ip::Picoseconds settled = selection_.window().end;
    for (const Unit& unit : units_)
        if (!unit.resting) settled = std::min(settled, unit.settled);
    sort();
    write_until(settled);
    if (pending_.size() >= most_pending_) give_up(std::max(pending_[pending_.size() / 2].time, floor_ + 1));
    settle_at_ = std::min(most_pending_, std::max(first_settling, 2 * pending_.size()));
}

void VcdWriter::sort() {
    std::stable_sort(pending_.begin(), pending_.end(),
                     [](const Change& a, const Change& b) { return a.time < b.time; });
}

// Half of what is kept goes. Whoever has not reported by then has no past.
void VcdWriter::give_up(ip::Picoseconds time) {
    for (ip::UnitId id = 0; id < units_.size(); ++id) {
        Unit& unit = units_[id];
        if (unit.resting || unit.settled >= time) continue;
        const ip::Picoseconds from = std::max(unit.settled, floor_);
        unknown_ += time - from;
        for (const std::uint16_t wire : layout_.units[id].activity) {
            change(wire, from, 0, false);
            change(wire, time, 0);
        }
        unit.settled = time;
    }
    sort();
    write_until(time);
}

// What is pending is sorted. Changes of one instant are one, written when it is complete: what a signal is in the end
// counts.
void VcdWriter::write_until(ip::Picoseconds time) {
    if (time <= floor_) return;
    floor_ = time;
    std::size_t first = 0;
    while (first < pending_.size() && pending_[first].time < time) {
        std::size_t last = first + 1;
        while (last < pending_.size() && pending_[last].time == pending_[first].time)
            ++last;
        write_instant(first, last);
        first = last;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(first));
}

void VcdWriter::write_instant(std::size_t first, std::size_t last) {
    const ip::Picoseconds time = pending_[first].time;
    if (time > selection_.window().begin) stand_at(selection_.window().begin);
    for (std::size_t i = first; i < last; ++i) {
        const Change& change = pending_[i];
        values_[change.signal] = {change.value, change.known};
        touched_.push_back(change.signal);
    }
    if (begun_) {
        for (const std::uint16_t signal : touched_) {
            if (!(values_[signal] != written_[signal])) continue;
            stand_at(time);
            write(signal);
            ++changes_;
        }
    }
    touched_.clear();
}

void VcdWriter::stand_at(ip::Picoseconds time) {
    if (begun_ && time <= time_) return;
    file_.append("#");
    file_.append(time);
    file_.append("\n");
    time_ = time;
    if (begun_) return;
    begun_ = true;
    file_.append("$dumpvars\n");
    for (std::size_t signal = 0; signal < values_.size(); ++signal)
        write(static_cast<std::uint16_t>(signal));
    file_.append("$end\n");
}

void VcdWriter::write(std::uint16_t signal) {
    const auto [value, known] = written_[signal] = values_[signal];
    const VcdSignal& declared = layout_.signals[signal];
    if (!known)
        file_.append(declared.bits == 1 ? "x" : "bx ");
    else if (declared.bits == 1)
        file_.append(value ? "1" : "0");
    else
        file_.append(fmt::format(FMT_COMPILE("b{:b} "), value));
    file_.append(declared.code);
    file_.append("\n");
}

const files::WholeFile& VcdWriter::finish() {
    if (!file_.good()) return file_;
    sort();
    write_until(selection_.window().end);
    if (!begun_) stand_at(selection_.window().begin);
    file_.keep();
    return file_;
}

} // namespace gradus::observe
