// SPDX-License-Identifier: Apache-2.0
// DramChannelCore: the controller of one DRAM channel. It decides command by command. It has no loop over cycles: it
// computes which command comes next and at what time, and goes there at once. All times are cycles of the command
// clock.
//
// State.
//   bank             its open row, and the earliest time of its next ACT, RD, WR and PRE
//   pseudo channel   its last four ACTs, the earliest RD, WR and ACT by bank group, the time of its next refresh
//   channel          one read queue, one write queue, the direction (reading or writing), and the command bus. Some
//                    standards have two command buses, one for row commands and one for data commands. The pseudo
//                    channels share all of these.
//
// A step.
//   1. A burst that has arrived enters its queue if the queue has room. A slot that a command frees is taken one cycle
//      later.
//   2. The controller turns to writing when more than write_high writes are queued, or when no read is queued. It turns
//      back to reading when at most write_low writes are queued and a read waits.
//   3. Each bank offers the commands that help a queued burst of the current direction: RD or WR if the burst's row is
//      open, PRE if another row is open, ACT if no row is open. Each of these commands has an earliest time.
//   4. The scheduler picks one of them:
//        first_ready     The command with the earliest time wins. Among equals, the one for the oldest burst wins. A
//                        row stays open while a burst that hits it is older than the burst that needs another row. When
//                        an ACT opens a row for a burst, that burst leaves its queue at once and goes before all
//                        others. Ramulator 2.1 does the same (FRFCFSRowHit).
//        bank_machines   Every bank works for one burst: its oldest hit, or its oldest burst if none hits. The command
//                        that ends first wins. Among equals, the one for the oldest burst wins. If data commands have
//                        a bus of their own, data and row commands are picked separately. A burst leaves its queue
//                        with its RD or WR. DRAMSys 5.1 does the same (GrpFrFcfsWm with open pages).
//
// Refresh. When a refresh is due, its banks accept no new commands. (With first_ready, a burst whose row was just
// opened still gets its RD or WR.) Then the controller precharges the banks and refreshes them. Refreshes of single
// banks go round robin and are spread evenly over refi.
//
// Timing. The parameters are JEDEC's. The standards count a time from the end of one command to the end of the next.
// Commands may take several slots of the command bus. So the distance from start to start is
//
//   gap(A, B) = time + slots(A) - slots(B)
//
// WR to RD and WR to PRE count from the end of the data, which is wl + burst after the WR. (JESD79-4B, JESD209-4B,
// JESD235D; both simulators use the same rule.) LPDDR5 sends ACT in two commands; its times count from the first one.
// Page policy `closed` precharges together with the RD or WR itself. Page policy `timeout` precharges as if together
// with a later one. Neither takes a slot of the command bus.
//
// A read of a burst that is still in the write queue is answered from the queue. It takes the time of a row hit.
//
// Example: three reads of one bank arrive at 0; the first two want row 1, the third wants row 2. The timing is the
// default one of dram_parameters.h.
//     0 ACT   6 RD   10 RD   15 PRE   21 ACT   27 RD      the data end at 16, 20 and 37
// The first read opens its row (rcd_read = 6). The second one hits (ccd_l = 4). For the third one the row must close,
// which it may 15 cycles (ras) after its ACT. The next ACT follows 6 cycles (rp) later. Data end rl + burst = 10 cycles
// after their RD. (DramChannel.AHitIsAReadAMissOpensTheRowAConflictClosesAnotherFirst)
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

/// One burst on its way to a channel. The banks of a channel have one numbering across pseudo channels and groups.
struct DramBurst {
    unsigned bank = 0;
    std::uint32_t row = 0;
    std::uint32_t column = 0; ///< in bursts
    std::uint32_t owner = 0;  ///< the listener gets it back
};

/// Whoever implements this learns what becomes of bursts. Times are cycles of the channel's clock.
class DramListener {
public:
    virtual ~DramListener() = default;
    virtual void accepted(std::uint32_t owner, bool write, Cycles at) = 0;    ///< its queue took it
    virtual void transferred(std::uint32_t owner, bool write, Cycles at) = 0; ///< its data have ended
};

/// A command as the channel issued it. Checkers read these.
struct DramCommand {
    enum class Kind { activate, activate_second, precharge, read, write, refresh };
    Cycles at = 0;
    Kind kind = Kind::activate;
    std::uint64_t banks = 0; ///< the set of banks it is for
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

    /// Takes a burst that arrives at `arrival`. Nothing later than `arrival` may have been decided already. Returns the
    /// time at which the burst is accepted if that is known now, else `never`.
    Cycles submit(const DramBurst& burst, bool write, Cycles arrival);

    /// Decides everything that happens before `until`.
    void advance(Cycles until) {
        if (until > now_) decide(until);
    }
    /// Goes on deciding until every burst is accepted, and then stops.
    void accept_all();
    /// Goes on deciding until no burst is left.
    void finish();

    /// Returns the time of the next thing that will happen, `never` if nothing will. It covers what has been submitted
    /// so far: a later submission may happen earlier.
    Cycles next();
    /// Returns a lower bound, `never` if nothing is pending. No pending read can finish earlier. No pending write can
    /// be accepted earlier than one cycle before it.
    Cycles next_answer();
    bool idle() const;

    const DramChannelCounters& counters() const { return counters_; }
    /// From now on the channel appends every command to `log`.
    void record(std::vector<DramCommand>* log) { log_ = log; }

private:
    /// Distances in cycles from the first slot of one command to the first slot of another.
    struct Gaps {
        Cycles act_column[2], act_pre, act_act, act_act_s, act_act_l, four_acts;
        Cycles read_pre, write_pre, pre_act, pre_all_act, refresh_act, refresh_bank_act, refresh_act_s;
        Cycles column_s[2], column_l[2], read_write, write_read_s, write_read_l;
        Cycles read_data, write_data; ///< from a command to the end of its data
    };
    static Gaps gaps(const DramTiming& timing);

    struct Bank {
        Cycles activate = 0; ///< this, `column` and `precharge`: the earliest time of that command
        Cycles column[2] = {0, 0};
        Cycles precharge = 0;
        Cycles expires = 0; ///< page policy `timeout` closes the row then
        std::uint32_t row = DramQueue::no_row;
        unsigned group = 0; ///< index into groups_
        unsigned pseudo = 0;
        bool opened_for_write = false;
        // With first_ready, the request for which the row was opened:
        std::uint64_t opener_age = 0;
        std::uint32_t opener_owner = 0;
    };
    struct Group {
        Cycles activate = 0;       ///< earliest by tRRD_L
        Cycles column[2] = {0, 0}; ///< earliest RD and WR by tCCD_L, tWTR_L
        unsigned pseudo = 0;
        std::uint64_t banks = 0; ///< mask
        // The group's first hit in the current direction. While no hit of the group changes, it stays the first one
        // until `overtaken_at`. At that time an older hit becomes possible, whose row was still being opened.
        unsigned first_hit = 0;         ///< bank
        Cycles first_hit_ready = never; ///< its earliest time by bank and group; `never`: there is no hit
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
        std::uint64_t refreshing = 0; ///< while a refresh is due: the banks that it is for
        Cycles clock_until = never;   ///< the data clock runs until then
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
    // Several commands may be possible at the same time. The class with the smaller number goes first; within a class,
    // the command for the oldest request goes first.
    static constexpr std::uint64_t refresh_order = std::uint64_t{1} << 62;
    static constexpr std::uint64_t request_order = std::uint64_t{2} << 62;
    static constexpr std::uint64_t spare_order = std::uint64_t{3} << 62;
    struct Choice {
        Cycles at = never;
        Cycles key = never;
        std::uint64_t order = ~std::uint64_t{0};
        Action action = Action::none;
        bool write = false;
        std::uint16_t bank = 0; ///< for a refresh: the pseudo channel
        bool before(const Choice& other) const { return key < other.key || (key == other.key && order < other.order); }
    };
    struct Hit {
        Cycles at = never;
        std::uint64_t age = never;
        unsigned bank = 0;
    };
    /// The best command of a class. It is kept until something happens that may change it.
    struct Best {
        Choice choice;
        bool known = false;
        Cycles earliest = 0; ///< while the best is not known: no command of the class is possible earlier
        bool holds(Cycles now) const { return known && choice.at >= now; }
        void forget() {
            known = false;
            earliest = 0;
        }
        /// To be called when the choice is no longer possible at its time, and no other command has become possible
        /// earlier.
        void postpone() {
            if (known) earliest = choice.at;
            known = false;
        }
        /// To be called when no command of the class is possible before `time`.
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
            constexpr std::size_t many = 1024; // gone entries are erased once they are this many and half of all
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

    /// True while some burst has not been accepted yet.
    bool arriving() const { return !arrivals_[0].empty() || !arrivals_[1].empty(); }
    void decide(Cycles until);
    /// Decides the next thing that happens before `until`. Returns false if nothing does.
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
    const unsigned refreshes_; ///< of a pseudo channel in one refi
    const bool first_ready_;
    DramListener& listener_;

    std::vector<Bank> banks_;
    std::vector<PseudoChannel> pseudos_;
    std::vector<Group> groups_; ///< those of all pseudo channels
    DramQueue queue_[2];
    Arrivals arrivals_[2];
    Cycles space_since_[2] = {0, 0};
    Cycles arrival_by_[2] = {0, 0};           ///< the next arrival is at that time or later
    Cycles next_arrival_[2] = {never, never}; ///< when the first arrival is accepted
    Cycles next_refresh_ = never;
    Cycles next_expiry_ = never; ///< when the next row expires; valid while chosen_

    std::uint64_t open_ = 0;      ///< banks with an open row
    std::uint64_t fresh_ = 0;     ///< those of them whose row was opened for a request that still waits
    Cycles first_use_ = never;    ///< no fresh row can be used earlier
    std::uint64_t half_open_ = 0; ///< the bank that waits for the second half of its ACT
    Cycles second_half_by_ = 0;
    std::uint64_t blocked_ = 0; ///< banks that wait for their refresh
    Cycles now_ = 0;            ///< everything before that time is decided
    Cycles row_bus_ = 0;        ///< the bus is free from then on
    Cycles column_bus_ = 0;
    bool write_mode_ = false;
    std::uint64_t next_age_ = 0;
    Best column_, precharge_, activate_;
    std::uint64_t grouped_ = 0; ///< the banks with hits when the groups' first hits were found
    Choice choice_;             ///< the next command, unless a burst arrives or a refresh is due before
    bool chosen_ = false;
    DramChannelCounters counters_;
    std::vector<DramCommand>* log_ = nullptr;
};

} // namespace gradus::ip
