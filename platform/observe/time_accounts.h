// SPDX-License-Identifier: Apache-2.0
// Where the time went, exactly: the run is cut into intervals, each of which has one owner and lies in one step, and
// every span of every unit is cut at the ends of intervals and booked on the owner and the step it lies in. So at every
// level (owner, step, the whole run) what a unit did adds up with its idle time to the length of the level, to the
// picosecond, and idle time is never negative.
//
// One pass, in bounded memory. Spans come in order for each unit, but late: a span is known when it ends. Intervals are
// kept until no span can begin in them any more; neighbours with the same owner are one interval, and a step can be
// taken away when its intervals are gone. What is kept is bounded by the longest time that one unit is silent over work
// of its own, not by the length of the run.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "ip/common/observer.h"

namespace gradus::observe {

/// Picoseconds by activity.
struct Usage {
    std::array<ip::Picoseconds, ip::activity_count> by_activity{};
    ip::Picoseconds busy() const { return by_activity[0]; }
    ip::Picoseconds stalled() const;
    ip::Picoseconds covered() const { return busy() + stalled(); }
    Usage& operator+=(const Usage& other);
};

/// A part of the run: how long it is, and what each unit did in it. A unit is idle for the rest.
struct Account {
    ip::Picoseconds time = 0;
    std::vector<Usage> units;
};

/// A step: the whole of it, and by the number of its owner. The parts add up to the whole; owners beyond the last have
/// no time.
struct StepAccount {
    Account whole;
    std::vector<Account> owners;
};

class TimeAccounts {
public:
    using Owner = std::uint32_t; ///< small numbers, given by the caller
    static constexpr Owner nobody = 0;

    /// `gathers[unit]`: the unit reports a mixture of busy and stalled time as one busy span and the stall behind it
    /// (ip/cpu/hart_spans.h). The mixture is taken to be even.
    explicit TimeAccounts(std::vector<bool> gathers);

    /// The time from what was charged last to `until` belongs to `whose`. Nothing happens if that is the past.
    void charge(ip::Picoseconds until, Owner whose);
    /// A step ends at `time`; what nobody was charged for in it is nobody's.
    void close_step(ip::Picoseconds time);
    /// The run ends at `time`, which belongs to nobody from the last charge on. Nothing can be added any more.
    void finish(ip::Picoseconds time);

    /// Spans of a unit must not overlap and come in order. Throws std::logic_error for one of a unit that was said to
    /// rest then.
    void add(ip::UnitId unit, ip::Picoseconds begin, ip::Picoseconds end, ip::Activity activity);
    /// The unit has nothing to do: until it wakes, it will have no span.
    void rests(ip::UnitId unit) { cursors_[unit].resting = true; }
    void wakes(ip::UnitId unit, ip::Picoseconds time);

    /// By number, without those behind the last that was charged. Complete after finish().
    const std::vector<Account>& owners() const { return owners_; }
    /// Takes the account of the earliest step that has not been taken, once no span of it can be missing; after
    /// finish() those of all steps that are left, then that of what follows the last step.
    std::optional<StepAccount> take_step();
    ip::Picoseconds charged_until() const { return charged_until_; }

private:
    struct Interval {
        ip::Picoseconds end;
        Owner owner;
        std::uint32_t step; ///< they are counted as they are closed
    };
    /// Time of a unit whose interval is not known yet: `first_time` of `first`, the rest of `second`, evenly mixed.
    struct Piece {
        ip::Picoseconds begin, end, first_time;
        ip::Activity first, second;
        ip::Picoseconds first_until(ip::Picoseconds time) const;
    };
    struct Cursor {
        std::vector<Piece> pieces;
        ip::Picoseconds earliest = 0; ///< no later span begins before
        bool resting = false;
    };

    Account empty_account() const { return {0, std::vector<Usage>(cursors_.size())}; }
    /// Owners are given room as they are charged.
    Account& of(std::vector<Account>& owners, Owner number) const;
    void book(ip::UnitId unit, const Piece& piece, std::size_t& interval);
    void settle();
    void settle(ip::UnitId unit);
    void forget();

    const std::vector<bool> gathers_;
    std::vector<Cursor> cursors_;
    std::vector<Interval> intervals_;
    ip::Picoseconds forgotten_ = 0; ///< intervals that end before, or here, are gone
    ip::Picoseconds charged_until_ = 0;
    std::size_t waiting_ = 0; ///< pieces
    std::vector<Account> owners_;
    /// By owner, of steps that have not been taken; the last is open until finish().
    std::deque<std::vector<Account>> steps_;
    std::uint32_t first_step_ = 0; ///< number of the first of them
    bool finished_ = false;
};

} // namespace gradus::observe
