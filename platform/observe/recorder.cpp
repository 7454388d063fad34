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

/// Sets every number of `sum` to what `combine` makes of it and that of `more`.
template <typename Combine>
void combine(ip::CommandWork& sum, const ip::CommandWork& more, const Combine& combine) {
    combine(sum.macs, more.macs);
    combine(sum.elements, more.elements);
    combine(sum.dram_read, more.dram_read);
    combine(sum.dram_written, more.dram_written);
    combine(sum.scratchpad_read, more.scratchpad_read);
    combine(sum.scratchpad_written, more.scratchpad_written);
    combine(sum.sram_read, more.sram_read);
    combine(sum.sram_written, more.sram_written);
    combine(sum.macs_bf16, more.macs_bf16);
    combine(sum.lanes.simple, more.lanes.simple);
    combine(sum.lanes.exp, more.lanes.exp);
    combine(sum.lanes.reciprocal, more.lanes.reciprocal);
    combine(sum.lanes.root, more.lanes.root);
    combine(sum.compute_cycles, more.compute_cycles);
    combine(sum.port_cycles, more.port_cycles);
}

void accumulate(ip::CommandWork& sum, const ip::CommandWork& more) {
    combine(sum, more, [](auto& each, auto amount) { each += amount; });
}

void deduct(ip::CommandWork& sum, const ip::CommandWork& less) {
    combine(sum, less, [](auto& each, auto amount) { each -= amount; });
}

void deduct(WorkTotals& sum, const WorkTotals& less) {
    deduct(sum.work, less.work);
    sum.commands -= less.commands;
}

void deduct(UnitTotals& sum, const UnitTotals& less) {
    for (std::size_t queue = 0; queue < less.fence_stall_by_queue.size(); ++queue)
        sum.fence_stall_by_queue[queue] -= less.fence_stall_by_queue[queue];
    deduct(sum.work, less.work);
}

void deduct(OpTotals& sum, const OpTotals& less) {
    deduct(sum.work, less.work);
    for (std::size_t kind = 0; kind < unit_kind_count; ++kind)
        deduct(sum.work_by_kind.kinds[kind], less.work_by_kind.kinds[kind]);
    sum.path -= less.path;
}

bool executes(ip::Activity activity) {
    return activity == ip::Activity::busy || activity == ip::Activity::stall_memory;
}

bool is_empty(const OpTotals& op) {
    return op.time == 0 && op.work.commands == 0 &&
           std::all_of(op.by_unit.begin(), op.by_unit.end(), [](const Usage& u) { return u.covered() == 0; });
}

std::size_t queue_count(const std::vector<UnitInfo>& units) {
    const auto is_queue = [](const UnitInfo& unit) { return unit.kind != UnitKind::cpu; };
    return static_cast<std::size_t>(std::count_if(units.begin(), units.end(), is_queue));
}

} // namespace

std::vector<bool> gathering_units(const std::vector<UnitInfo>& units) {
    std::vector<bool> gathers;
    for (const UnitInfo& unit : units)
        gathers.push_back(unit.kind == UnitKind::cpu);
    return gathers;
}

void WorkTotals::add(const ip::CommandWork& more) {
    accumulate(work, more);
    ++commands;
}

void WorkByKind::add(UnitKind kind, const ip::CommandWork& more) {
    accumulate(kinds[static_cast<std::size_t>(kind)], more);
}

WorkByKind& WorkByKind::operator+=(const WorkByKind& other) {
    for (std::size_t kind = 0; kind < unit_kind_count; ++kind)
        accumulate(kinds[kind], other.kinds[kind]);
    return *this;
}

Recorder::Recorder(std::vector<UnitInfo> units, TraceSink* sink, const std::string& folder)
    : units_(std::move(units)), sink_(sink), totals_(units_.size()), last_end_(units_.size()),
      accounts_(gathering_units(units_)), timeline_(units_.size()),
      finder_(queue_count(units_), static_cast<ip::UnitId>(queue_count(units_)), units_.size()),
      submitted_(units_.size()), steps_(folder) {
    for (UnitTotals& totals : totals_)
        totals.fence_stall_by_queue.resize(units_.size());
    path_.by_unit.resize(units_.size());
    add_slot(COMMAND_PHASE_OTHER, COMMAND_NO_OP);
}

std::uint32_t Recorder::add_slot(std::uint8_t phase, std::uint32_t op) {
    std::vector<std::uint32_t>& table = slot_of_[phase];
    const auto index = op + 1;
    if (index >= table.size()) table.resize(index + 1u);
    OpTotals totals;
    totals.phase = phase;
    totals.op = op;
    totals.by_unit.resize(units_.size());
    slots_.push_back(std::move(totals));
    table[index] = static_cast<std::uint32_t>(slots_.size());
    return table[index] - 1;
}

std::uint32_t Recorder::slot(std::uint8_t tag_phase, std::uint32_t op) {
    const std::uint8_t phase = tag_phase < slot_of_.size() ? tag_phase : COMMAND_PHASE_OTHER;
    const std::vector<std::uint32_t>& table = slot_of_[phase];
    const auto index = op + 1;
    if (index < table.size() && table[index]) return table[index] - 1;
    return add_slot(phase, op);
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
void Recorder::charge(const ip::Span& span, std::uint32_t owner) {
    if (!charged_) accounts_.charge(span.begin, TimeAccounts::nobody);
    charged_ = true;
    accounts_.charge(span.end, owner);
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
    const std::uint32_t owner = slot(span.tag.phase, span.tag.op);
    slots_[owner].by_unit[unit].by_activity[activity] += length;
    accounts_.add(unit, span.begin, span.end, span.activity);
    timeline_.span(unit, span);
    if (is_hart(unit))
        finder_.awake(span.begin, span.end);
    else if (executes(span.activity))
        charge(span, owner);
    if (sink_) sink_->span(unit, span);
}

void Recorder::retired(ip::UnitId unit, std::uint8_t, const ip::Tag& tag, const ip::CommandWork& work) {
    if (unit >= units_.size())
        throw std::logic_error(fmt::format("unit {} retires a command, but there are {} units", unit, units_.size()));
    totals_[unit].work.add(work);
    OpTotals& op = slots_[slot(tag.phase, tag.op)];
    op.work.add(work);
    op.work_by_kind.add(units_[unit].kind, work);
    step_work_.add(units_[unit].kind, work);
    ++commands_;
    if (sink_) sink_->retired(unit, tag, work);
}

void Recorder::submitted(ip::UnitId unit, std::uint32_t count, ip::Picoseconds time) {
    if (!hears_doorbells_) {
        hears_doorbells_ = true;
        for (ip::UnitId queue = 0; queue < units_.size(); ++queue)
            if (!is_hart(queue)) accounts_.rests(queue);
    }
    submitted_[unit] = count;
    accounts_.wakes(unit, time);
    finder_.submitted(unit, count, time);
    if (sink_) sink_->submitted(unit, count, time);
}

void Recorder::ended(ip::UnitId unit, const ip::Tag& tag, const ip::CommandTimes& times) {
    finder_.ended(unit, tag, times);
    if (times.index + 1 == submitted_[unit]) accounts_.rests(unit);
    if (sink_) sink_->ended(unit, tag, times);
}

void Recorder::halted(ip::UnitId unit, std::uint32_t error, std::uint32_t index, std::uint32_t field) {
    faults_.push_back({unit, error, index, field});
}

void Recorder::step_done(std::uint32_t step, float loss, ip::Picoseconds time) {
    accounts_.close_step(time);
    timeline_.step_done(time);
    const CriticalPath path = finder_.close_step(time);
    StepRecord record{step, step_begin_, time, loss};
    record.work = std::exchange(step_work_, {});
    for (ip::UnitId unit = 0; unit < units_.size(); ++unit)
        record.path.push_back(path.of_unit(unit));
    for (const auto& [op, length] : path.by_op)
        slots_[slot(op.first, op.second)].path += length;
    path_ += path;
    last_path_ = path;
    // Assigned into the memory of the one before: a step has no time for thousands of allocations.
    std::swap(before_last_step_, after_last_step_);
    if (validated_) before_last_step_ = *std::exchange(validated_, std::nullopt);
    after_last_step_.totals = totals_;
    after_last_step_.slots = slots_;
    open_steps_.emplace_back(std::move(record));
    ++step_count_;
    step_begin_ = time;
    log_complete_steps();
}

void Recorder::log_complete_steps() {
    while (!open_steps_.empty()) {
        std::optional<StepAccount> account = accounts_.take_step();
        if (!account) return;
        if (std::optional<StepRecord>& step = open_steps_.front()) {
            step->units = account->whole.units;
            last_account_ = std::move(*account);
            steps_.push_back(*step);
        }
        open_steps_.pop_front();
    }
}

void Recorder::validated(ip::Picoseconds time) {
    accounts_.close_step(time);
    timeline_.between_steps(time);
    finder_.close_step(time);
    step_work_ = {};
    step_begin_ = time;
    validated_ = Snapshot{totals_, slots_};
    open_steps_.emplace_back(std::nullopt);
    log_complete_steps();
}

void Recorder::token_chosen(ip::Picoseconds time) {
    if (charged_) accounts_.charge(time, slot(COMMAND_PHASE_GENERATE, COMMAND_NO_OP));
}

void Recorder::finish(ip::Picoseconds time) {
    accounts_.finish(time);
    log_complete_steps();
}

std::vector<OpTotals> Recorder::sorted(std::vector<OpTotals> slots, const std::vector<Account>& accounts) const {
    for (std::size_t owner = 0; owner < std::min(slots.size(), accounts.size()); ++owner) {
        slots[owner].time = accounts[owner].time;
        slots[owner].during = accounts[owner].units;
    }
    for (OpTotals& op : slots)
        op.during.resize(units_.size());
    slots.erase(std::remove_if(slots.begin(), slots.end(), is_empty), slots.end());
    std::sort(slots.begin(), slots.end(),
              [](const OpTotals& a, const OpTotals& b) { return std::tie(a.phase, a.op) < std::tie(b.phase, b.op); });
    return slots;
}

std::vector<OpTotals> Recorder::ops() const { return sorted(slots_, accounts_.owners()); }

std::optional<LastStep> Recorder::last_step() const {
    if (step_count_ == 0 || !open_steps_.empty()) return std::nullopt;
    LastStep step;
    step.time = last_account_.whole.time;
    step.path = last_path_;
    step.units = after_last_step_.totals;
    for (ip::UnitId unit = 0; unit < units_.size(); ++unit) {
        if (unit < before_last_step_.totals.size()) deduct(step.units[unit], before_last_step_.totals[unit]);
        step.units[unit].usage = last_account_.whole.units[unit];
    }
    std::vector<OpTotals> slots = after_last_step_.slots;
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
        if (slot < before_last_step_.slots.size()) deduct(slots[slot], before_last_step_.slots[slot]);
        slots[slot].by_unit.clear();
    }
    step.ops = sorted(std::move(slots), last_account_.owners);
    return step;
}

ip::Picoseconds Recorder::idle(ip::UnitId unit, ip::Picoseconds total) const {
    const Usage& usage = totals_.at(unit).usage;
    const ip::Picoseconds covered = usage.covered();
    if (covered > total)
        throw std::logic_error(
            fmt::format("unit {} reports {} ps of work in a run of {} ps", units_[unit].name, covered, total));
    return total - covered;
}

} // namespace gradus::observe
