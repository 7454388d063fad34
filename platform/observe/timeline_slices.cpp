// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/timeline_slices.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace gradus::observe {

namespace {

TimelineSlice slice_of(const ip::Span& span) {
    TimelineSlice slice;
    slice.begin = span.begin;
    slice.end = span.end;
    slice.usage.by_activity[static_cast<std::size_t>(span.activity)] = span.end - span.begin;
    slice.op = span.tag.op;
    slice.detail = span.detail;
    slice.phase = span.tag.phase;
    slice.opcode = span.opcode;
    return slice;
}

void append(TimelineSlice& slice, const TimelineSlice& next) {
    slice.end = next.end;
    for (std::size_t activity = 0; activity < slice.usage.by_activity.size(); ++activity)
        slice.usage.by_activity[activity] += next.usage.by_activity[activity];
    slice.spans += next.spans;
    if (slice.op != next.op || slice.phase != next.phase) slice.op = COMMAND_NO_OP;
    if (slice.phase != next.phase) slice.phase = COMMAND_PHASE_OTHER;
}

} // namespace

MergingSlices::MergingSlices(std::size_t units, std::size_t limit) : limit_(limit), units_(units) {}

bool MergingSlices::merged(std::vector<TimelineSlice>& slices, const TimelineSlice& next) const {
    if (slices.empty() || next.end - slices.back().begin > grain_) return false;
    append(slices.back(), next);
    return true;
}

void MergingSlices::add(ip::UnitId unit, const ip::Span& span) {
    const TimelineSlice next = slice_of(span);
    if (grain_ && merged(units_[unit], next)) return;
    units_[unit].push_back(next);
    if (++count_ > limit_) coarsen();
}

// Any two neighbours span more than a grain, so that a grain as long as the level leaves two slices a unit.
void MergingSlices::coarsen() {
    const std::size_t enough = std::max(limit_ / 2, 2 * units_.size());
    while (count_ > enough) {
        grain_ = std::max<ip::Picoseconds>(1024, 2 * grain_);
        count_ = 0;
        for (std::vector<TimelineSlice>& slices : units_) {
            std::vector<TimelineSlice> kept;
            for (const TimelineSlice& slice : slices)
                if (!merged(kept, slice)) kept.push_back(slice);
            slices = std::move(kept);
            count_ += slices.size();
        }
    }
}

void MergingSlices::clear() {
    for (std::vector<TimelineSlice>& slices : units_)
        slices.clear();
    count_ = 0;
    grain_ = 0;
}

TimelineLevel MergingSlices::level(const char* name, ip::Picoseconds begin, ip::Picoseconds end) const {
    return {name, begin, end, grain_, units_};
}

LeadingSlices::LeadingSlices(std::size_t units, std::size_t limit) : limit_(limit), units_(units) { clear(); }

// Units report spans when they end, so that one may begin before the end that another has caused.
void LeadingSlices::add(ip::UnitId unit, const ip::Span& span) {
    if (span.begin >= end_) return;
    if (count_ == limit_) {
        end_ = span.begin;
        return;
    }
    units_[unit].push_back(slice_of(span));
    ++count_;
}

void LeadingSlices::clear() {
    for (std::vector<TimelineSlice>& slices : units_)
        slices.clear();
    count_ = 0;
    end_ = std::numeric_limits<ip::Picoseconds>::max();
}

TimelineLevel LeadingSlices::level(const char* name, ip::Picoseconds begin, ip::Picoseconds end) const {
    TimelineLevel level{name, begin, std::min(end, end_), 0, units_};
    for (std::vector<TimelineSlice>& slices : level.units) {
        const auto behind = [&](const TimelineSlice& slice) { return slice.begin >= level.end; };
        slices.erase(std::remove_if(slices.begin(), slices.end(), behind), slices.end());
    }
    return level;
}

Timeline::Timeline(std::size_t units)
    : run_(units, most_of_run), current_{0, 0, {units, most_of_step}, {units, most_of_head}}, last_(current_) {}

void Timeline::span(ip::UnitId unit, const ip::Span& span) {
    if (span.begin == span.end) return;
    run_.add(unit, span);
    current_.slices.add(unit, span);
    current_.head.add(unit, span);
}

void Timeline::step_done(ip::Picoseconds time) {
    current_.end = time;
    std::swap(current_, last_);
    between_steps(time);
}

void Timeline::between_steps(ip::Picoseconds time) {
    current_.begin = time;
    current_.slices.clear();
    current_.head.clear();
}

std::vector<TimelineLevel> Timeline::levels(ip::Picoseconds time) const {
    const Step& step = last_.end ? last_ : current_;
    const ip::Picoseconds end = last_.end ? last_.end : time;
    std::vector<TimelineLevel> levels{run_.level("run", 0, time), step.slices.level("step", step.begin, end),
                                      step.head.level("head", step.begin, end)};
    const auto is_empty = [](const TimelineLevel& level) {
        return std::all_of(level.units.begin(), level.units.end(), [](const auto& slices) { return slices.empty(); });
    };
    levels.erase(std::remove_if(levels.begin(), levels.end(), is_empty), levels.end());
    return levels;
}

} // namespace gradus::observe
