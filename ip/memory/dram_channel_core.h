// SPDX-License-Identifier: Apache-2.0
// The controller of one DRAM channel, command by command, without a loop over cycles: it works out which command comes
// next and when, and goes there at once. Times are cycles of the command clock.
//
// State. A bank: its open row, and the earliest ACT, RD, WR and PRE. A pseudo channel: its last four ACTs, the earliest
// RD, WR and ACT by bank group, its next refresh. The channel, shared by its pseudo channels: a read and a write queue,
// the direction, and the command bus, or one bus for row commands and one for data commands.
//
// A step. Bursts that have arrived enter their queue, if it has room (a slot that a command frees is taken a cycle
// later). The direction turns to writing when more than write_high writes are queued or no read is, and back when
// write_low or fewer are and a read waits. Of each bank, the commands that help a queued burst of that direction are
// candidates: RD or WR if its row is open, PRE if another row is, ACT if none is. Each has an earliest time, and
//
//   first_ready     the earliest wins, then the one for the oldest burst. A row is not closed while a burst that hits
//                   it is older than the one that needs another. A burst whose row was opened for it leaves its queue
//                   at once, and goes before all others. This is what Ramulator 2.1 does (FRFCFSRowHit).
//   bank_machines   every bank works for one burst: the oldest hit, or else the oldest. The command that ends first
//                   wins, then the one for the oldest burst; with a data command bus of their own, data and row
//                   commands choose apart. A burst leaves its queue with its data command. This is what DRAMSys 5.1
//                   does (GrpFrFcfsWm with open pages).
//
// A refresh that is due keeps its banks from new commands; first_ready lets bursts whose row was just opened have it.
// Then the banks are precharged and refreshed. Refreshes of single banks go round robin, evenly spread over refi.
//
// Timing. The parameters are JEDEC's. The standards count from the end of one command to the end of the next, so with
// commands of several slots the time from start to start is
//
//   gap(A, B) = time + slots(A) - slots(B)
//
// WR to RD and WR to PRE count from the end of the data, wl + burst later. (JESD79-4B, JESD209-4B, JESD235D; the same
// rule in both simulators.) LPDDR5's ACT in two commands counts from the first. Page policy `closed` precharges with
// the data command, `timeout` as if with one that comes later; neither takes a slot of the command bus.
//
// A read of a burst that is in the write queue is answered from there, in the time of a row hit.
//
// Not modelled: several ranks and their turnaround, power down, tPPD, tRREFD, temperature-dependent and postponed
// refresh, refresh management, tFAW of single-bank refreshes, ECC and its read-modify-write, calibration, half-cycle
// commands.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <vector>

#include "ip/memory/dram_parameters.h"
#include "ip/memory/dram_queue.h"

namespace gradus::ip {

/// One burst on its way to a channel. Banks are numbered through over pseudo channels and groups.
struct DramBurst {
    unsigned bank = 0;
    std::uint32_t row = 0;
    std::uint32_t column = 0; ///< in bursts
    std::uint32_t owner = 0;  ///< handed back to the listener
};

/// Learns what becomes of bursts. Times are cycles of the channel's clock.
class DramListener {
public:
    virtual ~DramListener() = default;
    virtual void accepted(std::uint32_t owner, bool write, Cycles at) = 0;    ///< into its queue
    virtual void transferred(std::uint32_t owner, bool write, Cycles at) = 0; ///< end of its data
};

/// A command as issued, for whoever checks.
struct DramCommand {
    enum class Kind { activate, activate_second, precharge, read, write, refresh };
    Cycles at = 0;
    Kind kind = Kind::activate;
    std::uint64_t banks = 0; ///< one bit each
    std::uint32_t row = 0;
    bool automatic = false; ///< a precharge that takes no slot of the command bus
};

struct DramChannelCounters {
    std::uint64_t reads = 0;     ///< RD
    std::uint64_t writes = 0;    ///< WR
    std::uint64_t activates = 0; ///< ACT; reads + writes - activates are row hits
    std::uint64_t conflicts = 0; ///< ACTs that had to wait for another row to be closed
    std::uint64_t refreshes = 0; ///< REF
    std::uint64_t forwarded = 0; ///< reads answered from the write queue
};

class DramChannelCore {
public:
    static constexpr Cycles never = ~Cycles{0};

    DramChannelCore(const DramTiming& timing, const DramOrganisation& organisation, const DramPolicy& policy,
                    DramListener& listener);

    /// A burst that arrives at `arrival`, which is not before anything that is decided. Returns when it is accepted, if
    /// that is clear by now, otherwise `never`.
    Cycles submit(const DramBurst& burst, bool write, Cycles arrival);

    /// Decides what happens before `until`.
    void advance(Cycles until) {
        if (until > now_) decide(until);
    }
    /// Decides until every burst is accepted, and no more than that.
    void accept_all();
    /// Decides everything there is to decide.
    void finish();

    /// When the next thing happens as far as is known; `never`: nothing. What is submitted later may come earlier.
    Cycles next();
    /// No read gets its last data before that, and one cycle earlier no write is accepted, that has not yet.
    Cycles next_answer();
    bool idle() const;

    const DramChannelCounters& counters() const { return counters_; }
    /// Every command from now on is appended to `log`.
    void record(std::vector<DramCommand>* log) { log_ = log; }

private:
    /// Between the first slots of two commands.
    struct Gaps {
        Cycles act_column[2], act_pre, act_act, act_act_s, act_act_l, four_acts;
        Cycles read_pre, write_pre, pre_act, pre_all_act, refresh_act, refresh_bank_act, refresh_act_s;
        Cycles column_s[2], column_l[2], read_write, write_read_s, write_read_l;
        Cycles read_data, write_data; ///< to the end of the data
    };
    static Gaps gaps(const DramTiming& timing);

    struct Bank {
        Cycles activate = 0; ///< each: the earliest time of that command
        Cycles column[2] = {0, 0};
        Cycles precharge = 0;
        Cycles expires = 0; ///< page policy timeout: when the row is closed
        std::uint32_t row = DramQueue::no_row;
        unsigned group = 0; ///< numbered through over pseudo channels
        unsigned pseudo = 0;
        bool opened_for_write = false;
        // first_ready: the request the row was opened for.
        std::uint64_t opener_age = 0;
        std::uint32_t opener_owner = 0;
    };
    struct Group {
        Cycles activate = 0;       ///< earliest by tRRD_L
        Cycles column[2] = {0, 0}; ///< earliest RD and WR by tCCD_L, tWTR_L
        unsigned pseudo = 0;
        std::uint64_t banks = 0; ///< mask
        // The first hit of the current direction: as long as no hit of the group changes, the same one until
        // `overtaken_at`, when an older one of a row that was still being opened has caught up.
        unsigned first_hit = 0;         ///< bank
        Cycles first_hit_ready = never; ///< by the times of its bank and group; `never`: there is none
        std::uint64_t first_hit_age = never;
        Cycles overtaken_at = never;
    };
    struct PseudoChannel {
        Cycles activate = 0;                    ///< earliest by tRRD_S
        Cycles column[2] = {0, 0};              ///< earliest RD and WR by tCCD_S, tRTW, tWTR_S
        std::array<Cycles, 4> four_activates{}; ///< earliest by tFAW, a ring
        unsigned oldest_activate = 0;
        Cycles refresh_due = never;
        std::uint64_t refresh_count = 0;
        std::uint64_t banks = 0;      ///< mask
        std::uint64_t refreshing = 0; ///< banks to refresh next, while that is due
        Cycles clock_until = never;   ///< the data clock runs
    };
    enum class Action : std::uint8_t {
        none,
        column_opener,
        column,
        precharge,
        activate,
        second_half,
        refresh_precharge,
        refresh
    };
    static constexpr unsigned none = ~0u; ///< no bank
    // Commands that are possible at the same time go in this order, and within it by the age of their request.
    static constexpr std::uint64_t refresh_order = std::uint64_t{1} << 62;
    static constexpr std::uint64_t request_order = std::uint64_t{2} << 62;
    static constexpr std::uint64_t spare_order = std::uint64_t{3} << 62;
    struct Choice {
        Cycles at = never;
        Cycles key = never;
        std::uint64_t order = ~std::uint64_t{0};
        Action action = Action::none;
        bool write = false;
        std::uint16_t bank = 0; ///< pseudo channel, for refreshes
        bool before(const Choice& other) const { return key < other.key || (key == other.key && order < other.order); }
    };
    struct Hit {
        Cycles at = never;
        std::uint64_t age = never;
        unsigned bank = 0;
    };
    /// The best command of a class, kept until something happens that may change it.
    struct Best {
        Choice choice;
        bool known = false;
        Cycles earliest = 0; ///< while it is not known: no command of the class is possible before that
        bool holds(Cycles now) const { return known && choice.at >= now; }
        void forget() {
            known = false;
            earliest = 0;
        }
        /// The choice is no longer possible when it was; nothing else has become possible earlier.
        void postpone() {
            if (known) earliest = choice.at;
            known = false;
        }
        /// No command of the class is possible before that.
        void not_before(Cycles time) {
            if (known && choice.at >= time) return;
            earliest = known ? time : std::max(earliest, time);
            known = false;
        }
    };
    struct Arrival {
        DramBurst burst;
        Cycles at = 0;
    };
    /// Bursts on their way to a queue, in the order of their arrival.
    class Arrivals {
    public:
        bool empty() const { return first_ == list_.size(); }
        std::size_t size() const { return list_.size() - first_; }
        const Arrival& front() const { return list_[first_]; }
        void pop_front() {
            constexpr std::size_t many = 1024; // what has gone is dropped when it is that much, and half of all
            if (++first_ < list_.size() && (first_ < many || 2 * first_ < list_.size())) return;
            list_.erase(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(first_));
            first_ = 0;
        }
        void insert(const Arrival& arrival) {
            auto place = list_.end();
            const auto begin = list_.begin() + static_cast<std::ptrdiff_t>(first_);
            while (place != begin && std::prev(place)->at > arrival.at)
                --place;
            if (place == list_.end())
                list_.push_back(arrival);
            else
                list_.insert(place, arrival);
        }

    private:
        std::vector<Arrival> list_;
        std::size_t first_ = 0;
    };

    /// Some burst is not accepted yet.
    bool arriving() const { return !arrivals_[0].empty() || !arrivals_[1].empty(); }
    void decide(Cycles until);
    /// Decides the next thing that happens before `until`, if anything does.
    bool step_before(Cycles until);
    void note_arrival(bool write);
    void note_refresh();
    void accept(bool write, Cycles at);
    void begin_refresh(Cycles at);
    void skip_idle_refreshes(Cycles until);
    void schedule_refresh(PseudoChannel& pseudo);
    std::uint64_t refresh_banks(const PseudoChannel& pseudo) const;

    bool wants_write_mode() const {
        const unsigned reads = queue_[0].size(), writes = queue_[1].size();
        return reads == 0 || writes > (write_mode_ ? policy_.write_low : policy_.write_high);
    }
    void turn();
    void choose();
    void choose_column();
    bool may_beat(Best& best, Cycles slots) const;
    void choose_precharge();
    void choose_activate();
    void choose_second_half(Choice& best) const;
    void choose_refresh(Choice& best) const;
    void consider(Choice& best, Action action, unsigned bank, bool write, Cycles at, Cycles slots,
                  std::uint64_t order) const {
        const Choice choice{at, key(at, slots), order, action, write, static_cast<std::uint16_t>(bank)};
        if (choice.before(best)) best = choice;
    }
    Cycles key(Cycles at, Cycles slots) const { return first_ready_ ? at : at + slots; }
    void consider_openers(Choice& best);
    Hit find_hit();
    void consider_opened_before_turn(Choice& best) const;
    void find_first_hit(Group& group, std::uint64_t hits, Cycles floor) const;
    std::uint64_t closable_banks() const;
    std::uint64_t activatable_banks() const;
    void offer_opened(unsigned bank);
    void offer_precharge(unsigned bank);
    void offer_activate(unsigned bank);
    void consider_precharges(Choice& best, std::uint64_t banks) const;
    void consider_activates(Choice& best, const PseudoChannel& pseudo, std::uint64_t banks) const;
    Cycles activate_floor(const PseudoChannel& pseudo) const;
    void forget_choices();
    Cycles column_time(const Bank& bank, bool write) const;

    void issue(const Choice& choice);
    void issue_hit(unsigned bank, bool write, Cycles at);
    void issue_column(unsigned bank, std::uint32_t owner, bool write, Cycles at);
    void issue_precharge(unsigned bank, Cycles at);
    void issue_activate(unsigned bank, Cycles at);
    void issue_second_half(unsigned bank, Cycles at);
    void issue_refresh_precharge(PseudoChannel& pseudo, Cycles at);
    void issue_refresh(PseudoChannel& pseudo, Cycles at);
    void close(unsigned bank);
    void close_automatically(unsigned bank, Cycles at);
    std::uint64_t unused_rows() const;
    void note_expiry();
    void close_expired(Cycles at);
    void apply_page_policy(unsigned bank, Cycles at);
    void occupy_row_bus(Cycles until);
    void occupy_column_bus(Cycles until);
    void take(unsigned bank, DramQueue::Index index, bool write);
    void log(Cycles at, DramCommand::Kind kind, std::uint64_t banks, std::uint32_t row = 0, bool automatic = false);

    const DramTiming timing_;
    const DramOrganisation organisation_;
    const DramPolicy policy_;
    const Gaps gap_;
    const unsigned refreshes_; ///< of a pseudo channel in an interval
    const bool first_ready_;
    DramListener& listener_;

    std::vector<Bank> banks_;
    std::vector<PseudoChannel> pseudos_;
    std::vector<Group> groups_; ///< of all pseudo channels
    DramQueue queue_[2];
    Arrivals arrivals_[2];
    Cycles space_since_[2] = {0, 0};
    Cycles arrival_by_[2] = {0, 0};           ///< the next arrival is not before that
    Cycles next_arrival_[2] = {never, never}; ///< when the first arrival is accepted
    Cycles next_refresh_ = never;
    Cycles next_expiry_ = never; ///< of a row, once chosen_

    std::uint64_t open_ = 0;      ///< banks with an open row
    std::uint64_t fresh_ = 0;     ///< of these, the ones whose row was opened for a request that is not served yet
    Cycles first_use_ = never;    ///< of a fresh row is not before that
    std::uint64_t half_open_ = 0; ///< of these, the one that waits for the second half of its ACT
    Cycles second_half_by_ = 0;
    std::uint64_t blocked_ = 0; ///< banks that wait for their refresh
    Cycles now_ = 0;            ///< everything before is decided
    Cycles row_bus_ = 0;        ///< free from then on
    Cycles column_bus_ = 0;
    bool write_mode_ = false;
    std::uint64_t next_age_ = 0;
    Best column_, precharge_, activate_;
    std::uint64_t grouped_ = 0; ///< banks whose hits the groups' first ones were found among
    Choice choice_;             ///< what comes next, if nothing arrives before and no refresh is due
    bool chosen_ = false;
    DramChannelCounters counters_;
    std::vector<DramCommand>* log_ = nullptr;
};

} // namespace gradus::ip
