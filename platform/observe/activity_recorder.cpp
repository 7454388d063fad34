// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/activity_recorder.h"

#include <algorithm>
#include <utility>

namespace gradus::observe {

namespace {

constexpr std::array<CounterInfo, counter_count> infos{
    {{"dram.read_bytes", "bytes"},       {"dram.write_bytes", "bytes"},        {"dram.busy", "ps"},
     {"dram.read_bursts", "bursts"},     {"dram.write_bursts", "bursts"},      {"dram.row_hits", "bursts"},
     {"dram.row_misses", "bursts"},      {"dram.row_conflicts", "bursts"},     {"dram.refreshes", "refreshes"},
     {"scratchpad.read_bytes", "bytes"}, {"scratchpad.write_bytes", "bytes"},  {"scratchpad.busy", "ps"},
     {"sram.read_bytes", "bytes"},       {"sram.write_bytes", "bytes"},        {"sram.busy", "ps"},
     {"fabric.bytes", "bytes"},          {"matrix.macs_fp32", "MACs"},         {"matrix.macs_bf16", "MACs"},
     {"vector.simple", "operations"},    {"vector.exp", "operations"},         {"vector.reciprocal", "operations"},
     {"vector.root", "operations"},      {"cpu.instructions", "instructions"}, {"commands", "commands"},
     {"doorbells", "doorbells"}}};

constexpr auto last_of_memories = Counter::fabric_bytes;

} // namespace

const CounterInfo& info(Counter counter) { return infos[static_cast<std::size_t>(counter)]; }

ActivityRecorder::ActivityRecorder(std::vector<bool> gathers, ip::Picoseconds sample_interval, TraceSink* sink)
    : gathers_(std::move(gathers)), sample_interval_(sample_interval), sink_(sink),
      first_counter_(gathers_.size() * static_cast<std::size_t>(ip::activity_count)),
      windows_(first_counter_ + counter_count), held_(gathers_.size()) {}

void ActivityRecorder::span(ip::UnitId unit, const ip::Span& span) {
    if (!gathers_[unit]) return windows_.add(row(unit, span.activity), span.begin, span.end, span.end - span.begin);
    ip::Span& held = held_[unit];
    if (span.activity == ip::Activity::busy) {
        release(unit);
        held = span;
    } else if (held.begin < held.end && held.end == span.begin) {
        windows_.add_mixture(row(unit, ip::Activity::busy), row(unit, span.activity), held.begin, span.end,
                             held.end - held.begin);
        held = {};
    } else {
        release(unit);
        windows_.add(row(unit, span.activity), span.begin, span.end, span.end - span.begin);
    }
}

void ActivityRecorder::release(ip::UnitId unit) {
    const ip::Span held = std::exchange(held_[unit], {});
    if (held.begin < held.end) windows_.add(row(unit, held.activity), held.begin, held.end, held.end - held.begin);
}

void ActivityRecorder::count(Counter counter, ip::Picoseconds begin, ip::Picoseconds end, std::uint64_t amount) {
    if (amount == 0) return;
    total_[counter] += amount;
    windows_.add(row(counter), begin, end, amount);
    if (sink_) sink_->counted(counter, begin, end, static_cast<std::int64_t>(amount));
}

void ActivityRecorder::work(const ip::CommandWork& work, ip::Picoseconds begin, ip::Picoseconds end,
                            const CounterSource& source) {
    count(Counter::macs_fp32, begin, end, work.macs - work.macs_bf16);
    count(Counter::macs_bf16, begin, end, work.macs_bf16);
    count(Counter::vector_simple, begin, end, work.lanes.simple);
    count(Counter::vector_exp, begin, end, work.lanes.exp);
    count(Counter::vector_reciprocal, begin, end, work.lanes.reciprocal);
    count(Counter::vector_root, begin, end, work.lanes.root);
    count(Counter::commands, end, end, 1);
    if (due(memories_read_, end)) read_memories(end, source);
}

void ActivityRecorder::doorbell(ip::Picoseconds now, const CounterSource& source) {
    count(Counter::doorbells, now, now, 1);
    if (due(hart_read_, now)) read_hart(now, source);
    if (due(memories_read_, now)) read_memories(now, source);
}

void ActivityRecorder::step_done(ip::Picoseconds now, const CounterSource& source) {
    read_hart(now, source);
    read_memories(now, source);
    // A burst counts as a row hit until the ACT for it does, perhaps in the next step: hits may go back.
    for (std::size_t i = 0; i < counter_count; ++i) {
        const auto counter = static_cast<Counter>(i);
        last_step_[counter] = total_[counter] - std::min(total_[counter], step_begin_[counter]);
        training_[counter] = total_[counter] - std::min(total_[counter], validation_[counter]);
    }
    step_begin_ = total_;
}

void ActivityRecorder::validated(ip::Picoseconds now, const CounterSource& source) {
    read_hart(now, source);
    read_memories(now, source);
    for (std::size_t i = 0; i < counter_count; ++i) {
        const auto counter = static_cast<Counter>(i);
        validation_[counter] += total_[counter] - std::min(total_[counter], step_begin_[counter]);
    }
    step_begin_ = total_;
}

void ActivityRecorder::read_memories(ip::Picoseconds now, const CounterSource& source) {
    Counts counts;
    source.read_memories(counts);
    for (int i = 0; i <= static_cast<int>(last_of_memories); ++i) {
        const auto counter = static_cast<Counter>(i);
        if (counts[counter] >= total_[counter]) {
            count(counter, memories_read_, now, counts[counter] - total_[counter]);
        } else { // A burst counts as a hit until the ACT for it does.
            const std::uint64_t less = total_[counter] - counts[counter];
            windows_.take_back(row(counter), less);
            total_[counter] = counts[counter];
            if (sink_) sink_->counted(counter, memories_read_, now, -static_cast<std::int64_t>(less));
        }
    }
    memories_read_ = now;
    if (sink_) sink_->sampled(now);
}

void ActivityRecorder::read_hart(ip::Picoseconds now, const CounterSource& source) {
    count(Counter::instructions, hart_read_, now, source.instructions() - total_[Counter::instructions]);
    hart_read_ = now;
}

OverTime ActivityRecorder::finish(ip::Picoseconds now, const CounterSource& source) {
    read_hart(now, source);
    read_memories(now, source);
    for (ip::UnitId unit = 0; unit < gathers_.size(); ++unit)
        release(unit);
    OverTime result;
    result.window = windows_.width();
    result.total = total_;
    result.training = training_;
    result.last_step = last_step_;
    const std::size_t windows = windows_.count(now);
    result.units.assign(gathers_.size(), std::vector<Usage>(windows));
    result.counts.resize(windows);
    for (std::size_t window = 0; window < windows; ++window) {
        for (ip::UnitId unit = 0; unit < gathers_.size(); ++unit)
            for (int i = 0; i < ip::activity_count; ++i)
                result.units[unit][window].by_activity[static_cast<std::size_t>(i)] =
                    windows_.row(row(unit, static_cast<ip::Activity>(i)))[window];
        for (std::size_t i = 0; i < counter_count; ++i) {
            const auto counter = static_cast<Counter>(i);
            result.counts[window][counter] = windows_.row(row(counter))[window];
        }
    }
    return result;
}

} // namespace gradus::observe
