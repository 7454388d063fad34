// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/time_accounts.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace gradus::observe {

namespace {

constexpr std::size_t settle_at = 4096; // pieces; settling costs a walk over the intervals they lie in

// A mixture is spread by a product of two times, which must not overflow. Cells of the hart are far shorter.
constexpr ip::Picoseconds longest_mixture = ip::Picoseconds{1} << 32;

} // namespace

ip::Picoseconds Usage::stalled() const {
    return std::accumulate(by_activity.begin() + 1, by_activity.end(), ip::Picoseconds{0});
}

Usage& Usage::operator+=(const Usage& other) {
    for (std::size_t i = 0; i < by_activity.size(); ++i)
        by_activity[i] += other.by_activity[i];
    return *this;
}

TimeAccounts::TimeAccounts(std::vector<bool> gathers) : gathers_(std::move(gathers)), cursors_(gathers_.size()) {
    steps_.emplace_back();
}

Account& TimeAccounts::of(std::vector<Account>& owners, Owner number) const {
    while (owners.size() <= number)
        owners.push_back(empty_account());
    return owners[number];
}

void TimeAccounts::charge(ip::Picoseconds until, Owner whose) {
    if (until <= charged_until_) return;
    const auto step = static_cast<std::uint32_t>(first_step_ + steps_.size() - 1);
    of(owners_, whose).time += until - charged_until_;
    of(steps_.back(), whose).time += until - charged_until_;
    charged_until_ = until;
    if (!intervals_.empty() && intervals_.back().owner == whose && intervals_.back().step == step)
        intervals_.back().end = until;
    else
        intervals_.push_back({until, whose, step});
    if (waiting_ >= settle_at) settle();
}

void TimeAccounts::close_step(ip::Picoseconds time) {
    charge(time, nobody);
    settle();
    steps_.emplace_back();
}

void TimeAccounts::finish(ip::Picoseconds time) {
    charge(time, nobody);
    settle();
    finished_ = true;
}

std::optional<StepAccount> TimeAccounts::take_step() {
    const bool closed = finished_ ? !steps_.empty() : steps_.size() > 1;
    const bool complete = finished_ || intervals_.empty() || intervals_.front().step > first_step_;
    if (!closed || !complete) return std::nullopt;
    StepAccount step{empty_account(), std::move(steps_.front())};
    for (const Account& owner : step.owners) {
        step.whole.time += owner.time;
        for (ip::UnitId unit = 0; unit < cursors_.size(); ++unit)
            step.whole.units[unit] += owner.units[unit];
    }
    steps_.pop_front();
    ++first_step_;
    return step;
}

void TimeAccounts::wakes(ip::UnitId unit, ip::Picoseconds time) {
    Cursor& cursor = cursors_[unit];
    if (!cursor.resting) return;
    cursor.resting = false;
    cursor.earliest = std::max(cursor.earliest, time);
}

void TimeAccounts::add(ip::UnitId unit, ip::Picoseconds begin, ip::Picoseconds end, ip::Activity activity) {
    Cursor& cursor = cursors_[unit];
    cursor.earliest = end;
    if (begin == end) return;
    if (begin < forgotten_)
        throw std::logic_error(fmt::format("unit {} reports a span from {} ps on, but it had nothing to do until {} ps",
                                           unit, begin, forgotten_));
    if (gathers_[unit] && activity != ip::Activity::busy && !cursor.pieces.empty()) {
        Piece& last = cursor.pieces.back();
        const bool behind_it = last.end == begin && last.first == ip::Activity::busy && last.second == last.first;
        if (behind_it && end - last.begin < longest_mixture) {
            last.end = end;
            last.second = activity;
            return;
        }
    }
    cursor.pieces.push_back({begin, end, end - begin, activity, activity});
    ++waiting_;
}

ip::Picoseconds TimeAccounts::Piece::first_until(ip::Picoseconds time) const {
    if (first == second) return time - begin;
    return first_time * (time - begin) / (end - begin);
}

void TimeAccounts::book(ip::UnitId unit, const Piece& piece, std::size_t& interval) {
    ip::Picoseconds from = piece.begin;
    while (from < piece.end) {
        while (intervals_[interval].end <= from)
            ++interval;
        const Interval& here = intervals_[interval];
        const ip::Picoseconds to = std::min(piece.end, here.end);
        const ip::Picoseconds first = piece.first_until(to) - piece.first_until(from);
        for (Usage* usage :
             {&owners_[here.owner].units[unit], &steps_[here.step - first_step_][here.owner].units[unit]}) {
            usage->by_activity[static_cast<std::size_t>(piece.first)] += first;
            usage->by_activity[static_cast<std::size_t>(piece.second)] += to - from - first;
        }
        from = to;
    }
}

void TimeAccounts::settle(ip::UnitId unit) {
    std::vector<Piece>& pieces = cursors_[unit].pieces;
    if (pieces.empty() || pieces.front().end > charged_until_) return;
    const auto first = std::upper_bound(intervals_.begin(), intervals_.end(), pieces.front().begin,
                                        [](ip::Picoseconds time, const Interval& each) { return time < each.end; });
    auto interval = static_cast<std::size_t>(first - intervals_.begin());
    std::size_t settled = 0;
    for (; settled < pieces.size() && pieces[settled].end <= charged_until_; ++settled)
        book(unit, pieces[settled], interval);
    pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(settled));
    waiting_ -= settled;
}

void TimeAccounts::settle() {
    for (ip::UnitId unit = 0; unit < cursors_.size(); ++unit)
        settle(unit);
    forget();
}

void TimeAccounts::forget() {
    ip::Picoseconds needed = charged_until_;
    for (const Cursor& cursor : cursors_) {
        if (!cursor.pieces.empty())
            needed = std::min(needed, cursor.pieces.front().begin);
        else if (!cursor.resting)
            needed = std::min(needed, cursor.earliest);
    }
    const auto first = std::upper_bound(intervals_.begin(), intervals_.end(), needed,
                                        [](ip::Picoseconds time, const Interval& each) { return time < each.end; });
    if (first == intervals_.begin()) return;
    forgotten_ = (first - 1)->end;
    intervals_.erase(intervals_.begin(), first);
}

} // namespace gradus::observe
