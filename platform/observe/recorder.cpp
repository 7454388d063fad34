// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/recorder.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace gradus::observe {

namespace {

void add(WorkTotals& totals, const ip::CommandWork& work) {
    totals.work.macs += work.macs;
    totals.work.elements += work.elements;
    totals.work.dram_read += work.dram_read;
    totals.work.dram_written += work.dram_written;
    totals.work.scratchpad_read += work.scratchpad_read;
    totals.work.scratchpad_written += work.scratchpad_written;
    ++totals.commands;
}

bool executes(ip::Activity activity) {
    return activity == ip::Activity::busy || activity == ip::Activity::stall_memory;
}

bool is_empty(const OpTotals& op) {
    return op.time == 0 && op.work.commands == 0 &&
           std::all_of(op.by_unit.begin(), op.by_unit.end(),
                       [](const Usage& u) { return u.busy() + u.stalled() == 0; });
}

} // namespace

ip::Picoseconds Usage::stalled() const {
    return std::accumulate(by_activity.begin() + 1, by_activity.end(), ip::Picoseconds{0});
}

Recorder::Recorder(std::vector<UnitInfo> units, SpanSink* sink)
    : units_(std::move(units)), sink_(sink), totals_(units_.size()), last_end_(units_.size()) {
    for (UnitTotals& totals : totals_)
        totals.fence_stall_by_queue.resize(units_.size());
    add_slot(COMMAND_PHASE_OTHER, COMMAND_NO_OP);
}

OpTotals& Recorder::add_slot(std::uint8_t phase, std::uint16_t op) {
    std::vector<std::uint32_t>& table = slot_of_[phase];
    const auto index = static_cast<std::uint16_t>(op + 1);
    if (index >= table.size()) table.resize(index + 1u);
    OpTotals totals;
    totals.phase = phase;
    totals.op = op;
    totals.by_unit.resize(units_.size());
    slots_.push_back(std::move(totals));
    table[index] = static_cast<std::uint32_t>(slots_.size());
    return slots_.back();
}

OpTotals& Recorder::slot(const ip::Tag& tag) {
    const std::uint8_t phase = tag.phase < slot_of_.size() ? tag.phase : COMMAND_PHASE_OTHER;
    const std::vector<std::uint32_t>& table = slot_of_[phase];
    const auto index = static_cast<std::uint16_t>(tag.op + 1);
    if (index < table.size() && table[index]) return slots_[table[index] - 1];
    return add_slot(phase, tag.op);
}

void Recorder::check(ip::UnitId unit, const ip::Span& span) const {
    if (unit >= units_.size())
        throw std::logic_error(fmt::format("unit {} reports a span, but there are {} units", unit, units_.size()));
    if (static_cast<int>(span.activity) >= ip::activity_count)
        throw std::logic_error(
            fmt::format("unit {} reports unknown activity {}", units_[unit].name, static_cast<int>(span.activity)));
    if (span.end < span.begin)
        throw std::logic_error(fmt::format("unit {} reports a span from {} ps to {} ps: it ends before it begins",
                                           units_[unit].name, span.begin, span.end));
    if (span.begin < last_end_[unit])
        throw std::logic_error(fmt::format("unit {} reports a span from {} ps to {} ps, but its previous span lasts "
                                           "until {} ps: spans of a unit must not overlap",
                                           units_[unit].name, span.begin, span.end, last_end_[unit]));
}

// The hart charges nothing: it works ahead for many ops at once, and what its slowness costs an op shows in the gap
// before the op's commands.
void Recorder::charge(const ip::Span& span, OpTotals& op) {
    if (!charged_) {
        charged_ = true;
        charged_until_ = span.begin;
        slots_.front().time = span.begin;
    }
    if (span.end <= charged_until_) return;
    op.time += span.end - charged_until_;
    charged_until_ = span.end;
}

void Recorder::span(ip::UnitId unit, const ip::Span& span) {
    check(unit, span);
    last_end_[unit] = span.end;
    const ip::Picoseconds length = span.end - span.begin;
    const auto activity = static_cast<std::size_t>(span.activity);
    UnitTotals& totals = totals_[unit];
    totals.usage.by_activity[activity] += length;
    if (span.activity == ip::Activity::stall_fence) {
        if (span.detail >= totals.fence_stall_by_queue.size()) totals.fence_stall_by_queue.resize(span.detail + 1u);
        totals.fence_stall_by_queue[span.detail] += length;
    }
    OpTotals& op = slot(span.tag);
    op.by_unit[unit].by_activity[activity] += length;
    if (executes(span.activity) && units_[unit].kind != UnitKind::cpu) charge(span, op);
    if (sink_) sink_->span(unit, span);
}

void Recorder::retired(ip::UnitId unit, std::uint8_t, const ip::Tag& tag, const ip::CommandWork& work) {
    if (unit >= units_.size())
        throw std::logic_error(fmt::format("unit {} retires a command, but there are {} units", unit, units_.size()));
    add(totals_[unit].work, work);
    add(slot(tag).work, work);
    ++commands_;
}

void Recorder::halted(ip::UnitId unit, std::uint32_t error, std::uint32_t index, std::uint32_t field) {
    faults_.push_back({unit, error, index, field});
}

void Recorder::step_done(std::uint32_t step, float loss, ip::Picoseconds time) {
    steps_.push_back({step, step_begin_, time, loss});
    step_begin_ = time;
}

std::vector<OpTotals> Recorder::ops() const {
    std::vector<OpTotals> ops;
    std::remove_copy_if(slots_.begin(), slots_.end(), std::back_inserter(ops), is_empty);
    std::sort(ops.begin(), ops.end(),
              [](const OpTotals& a, const OpTotals& b) { return std::tie(a.phase, a.op) < std::tie(b.phase, b.op); });
    return ops;
}

ip::Picoseconds Recorder::idle(ip::UnitId unit, ip::Picoseconds total) const {
    const Usage& usage = totals_.at(unit).usage;
    const ip::Picoseconds covered = usage.busy() + usage.stalled();
    if (covered > total)
        throw std::logic_error(
            fmt::format("unit {} reports {} ps of work in a run of {} ps", units_[unit].name, covered, total));
    return total - covered;
}

} // namespace gradus::observe
