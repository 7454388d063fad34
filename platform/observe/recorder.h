// SPDX-License-Identifier: Apache-2.0
// Turns what units report into totals: by unit, op, step. Exact: for every unit busy + stalls + idle is the whole time,
// in picoseconds, and so it is for the time of every op and of every step. Optionally passes what it hears on to a
// trace.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ip/common/observer.h"
#include "platform/observe/critical_path.h"
#include "platform/observe/step_log.h"
#include "platform/observe/time_accounts.h"
#include "platform/observe/timeline_slices.h"
#include "platform/observe/trace_sink.h"

namespace gradus::observe {

struct UnitInfo {
    std::string name; ///< "cpu", "dma0", "matrix", "vector"
    UnitKind kind = UnitKind::cpu;
    std::uint64_t peak_per_cycle = 0; ///< MACs, elements or bytes a cycle; 0 for the cpu
    ip::Clock clock{};                ///< of these cycles
};

/// Whether each unit gathers its spans, as the hart does; see time_accounts.h.
std::vector<bool> gathering_units(const std::vector<UnitInfo>& units);

struct WorkTotals {
    ip::CommandWork work;
    std::uint64_t commands = 0;

    void add(const ip::CommandWork& more);
};

struct UnitTotals {
    Usage usage;
    std::vector<ip::Picoseconds> fence_stall_by_queue; ///< splits stall_fence by the queue waited for
    WorkTotals work;
};

/// One (phase, op) of the schedule, over all steps.
struct OpTotals {
    std::uint8_t phase = 0;
    std::uint32_t op = 0;
    std::vector<Usage> by_unit; ///< what units did for its own commands, whoever's time it was
    WorkTotals work;
    WorkByKind work_by_kind;
    /// Wall-clock of the chip that belongs to this op. When a command's execution ends later than everything charged so
    /// far, the time from there on belongs to its op, whatever the chip waited for meanwhile. So each moment belongs to
    /// exactly one op. What lies before the first execution, and between the last execution of a step and the step's
    /// end, belongs to none (phase other, COMMAND_NO_OP); the time in which the hart chooses a token, after the last
    /// execution before it, to none of generation (phase generate, COMMAND_NO_OP). The times of all add up to the run.
    ip::Picoseconds time = 0;
    std::vector<Usage> during; ///< what units did in its time, whoever's commands they were
    ip::Picoseconds path = 0;  ///< of the critical paths of all steps
};

/// What the last step was made of, as the run is of its units and ops.
struct LastStep {
    ip::Picoseconds time = 0;
    /// A stall that lasts from one step into the next is split by queue where it ends. All else is exact.
    std::vector<UnitTotals> units;
    std::vector<OpTotals> ops; ///< without `by_unit`
    CriticalPath path;
};

struct FaultRecord {
    ip::UnitId unit = 0;
    std::uint32_t error = 0;
    std::uint32_t index = 0;
    std::uint32_t field = 0;
};

class Recorder : public ip::Observer {
public:
    /// Unit ids are positions in `units`: queues first, the hart last. `sink` may be null and must outlive the
    /// recorder. `folder` is for a file of finished steps, see StepLog.
    explicit Recorder(std::vector<UnitInfo> units, TraceSink* sink = nullptr, const std::string& folder = {});

    /// Throws std::logic_error, with unit and times, for what only a fault in the model can cause: a span that begins
    /// before the unit's previous one ended, that ends before it begins, or of a unit that does not exist.
    void span(ip::UnitId unit, const ip::Span& span) override;
    void retired(ip::UnitId unit, std::uint8_t opcode, const ip::Tag& tag, const ip::CommandWork& work) override;
    void submitted(ip::UnitId unit, std::uint32_t count, ip::Picoseconds time) override;
    void ended(ip::UnitId unit, const ip::Tag& tag, const ip::CommandTimes& times) override;
    void halted(ip::UnitId unit, std::uint32_t error, std::uint32_t index, std::uint32_t field) override;

    /// The firmware finished a step at `time`. The hart's spans up to there must have been reported.
    void step_done(std::uint32_t step, float loss, ip::Picoseconds time);
    /// What lies between the last step and `time` belongs to no step. The hart's spans up to there must have been
    /// reported.
    void validated(ip::Picoseconds time);
    /// The hart chose a token of a text by `time`. Its spans up to there must have been reported.
    void token_chosen(ip::Picoseconds time);
    /// The run ended at `time`: the rest belongs to no op. Nothing may follow.
    void finish(ip::Picoseconds time);

    const std::vector<UnitInfo>& units() const { return units_; }
    const std::vector<UnitTotals>& totals() const { return totals_; }
    /// That step_done() was called for.
    std::size_t step_count() const { return step_count_; }
    /// All of them, once; after finish().
    StepLog take_steps() { return std::move(steps_); }
    const std::vector<FaultRecord>& faults() const { return faults_; }
    /// Sorted by phase, then op. Complete after finish().
    std::vector<OpTotals> ops() const;
    /// Of all steps together.
    const CriticalPath& critical_path() const { return path_; }
    /// Complete after finish(); nothing when no step was done.
    std::optional<LastStep> last_step() const;
    std::uint64_t commands() const { return commands_; }
    const Timeline& timeline() const { return timeline_; }
    /// What no span covers, given the length of the run.
    ip::Picoseconds idle(ip::UnitId unit, ip::Picoseconds total) const;

private:
    std::uint32_t slot(std::uint8_t phase, std::uint32_t op);
    std::uint32_t add_slot(std::uint8_t phase, std::uint32_t op);
    void check(ip::UnitId unit, const ip::Span& span) const;
    void charge(const ip::Span& span, std::uint32_t owner);
    void log_complete_steps();
    std::vector<OpTotals> sorted(std::vector<OpTotals> slots, const std::vector<Account>& accounts) const;
    /// Everything that is counted, as it stood when a step was done.
    struct Snapshot {
        std::vector<UnitTotals> totals;
        std::vector<OpTotals> slots;
    };
    bool is_hart(ip::UnitId unit) const { return units_[unit].kind == UnitKind::cpu; }

    std::vector<UnitInfo> units_;
    TraceSink* sink_;
    std::vector<UnitTotals> totals_;
    std::vector<ip::Picoseconds> last_end_;
    // Millions of spans find their totals here: by phase, then by op + 1 modulo 2^32 (0: no op), a position in slots_
    // plus one. A position is also the owner's number in accounts_.
    std::array<std::vector<std::uint32_t>, COMMAND_PHASES> slot_of_;
    std::vector<OpTotals> slots_;
    TimeAccounts accounts_;
    Timeline timeline_;
    CriticalPathFinder finder_;
    CriticalPath path_;
    std::vector<std::uint32_t> submitted_; ///< commands, by queue
    bool hears_doorbells_ = false;
    bool charged_ = false;
    WorkByKind step_work_;
    ip::Picoseconds step_begin_ = 0;
    std::size_t step_count_ = 0;
    Snapshot before_last_step_, after_last_step_;
    std::optional<Snapshot> validated_; ///< since the last step
    CriticalPath last_path_;
    StepAccount last_account_;
    /// What units did in them is not complete; nothing: a stretch between steps.
    std::deque<std::optional<StepRecord>> open_steps_;
    StepLog steps_;
    std::vector<FaultRecord> faults_;
    std::uint64_t commands_ = 0;
};

} // namespace gradus::observe
