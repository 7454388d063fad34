// SPDX-License-Identifier: Apache-2.0
// Turns what units report into totals: by unit, phase, op, step. Exact: for every unit busy + stalls + idle is the
// whole time, in picoseconds. Optionally passes every span on to a trace.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ip/common/observer.h"

namespace gradus::observe {

enum class UnitKind { cpu, dma, matrix, vector };

struct UnitInfo {
    std::string name; ///< "cpu", "dma0", "matrix", "vector"
    UnitKind kind = UnitKind::cpu;
    std::uint64_t peak_per_cycle = 0; ///< MACs, elements or bytes a cycle; 0 for the cpu
};

/// Picoseconds by activity.
struct Usage {
    std::array<ip::Picoseconds, ip::activity_count> by_activity{};
    ip::Picoseconds busy() const { return by_activity[0]; }
    ip::Picoseconds stalled() const;
};

struct WorkTotals {
    ip::CommandWork work;
    std::uint64_t commands = 0;
};

struct UnitTotals {
    Usage usage;
    std::vector<ip::Picoseconds> fence_stall_by_queue; ///< splits stall_fence by the queue waited for
    WorkTotals work;
};

/// One (phase, op) of the schedule, over all steps.
struct OpTotals {
    std::uint8_t phase = 0;
    std::uint16_t op = 0;
    std::vector<Usage> by_unit;
    WorkTotals work;
    /// Wall-clock of the chip that belongs to this op. When a command's execution ends later than everything charged so
    /// far, the time from there on belongs to its op, whatever the chip waited for meanwhile. So each moment belongs to
    /// exactly one op; what lies before the first execution belongs to none (phase other, COMMAND_NO_OP), and the times
    /// of all add up to the end of the last execution.
    ip::Picoseconds time = 0;
};

struct StepRecord {
    std::uint32_t step = 0;
    ip::Picoseconds begin = 0;
    ip::Picoseconds end = 0;
    float loss = 0;
};

struct FaultRecord {
    ip::UnitId unit = 0;
    std::uint32_t error = 0;
    std::uint32_t index = 0;
    std::uint32_t field = 0;
};

/// Receives every span as it happens; the Perfetto writer is one.
class SpanSink {
public:
    virtual ~SpanSink() = default;
    virtual void span(ip::UnitId unit, const ip::Span& span) = 0;
};

class Recorder : public ip::Observer {
public:
    /// Unit ids are positions in `units`. `sink` may be null and must outlive the recorder.
    explicit Recorder(std::vector<UnitInfo> units, SpanSink* sink = nullptr);

    /// Throws std::logic_error, with unit and times, for what only a fault in the model can cause: a span that begins
    /// before the unit's previous one ended, that ends before it begins, or of a unit that does not exist.
    void span(ip::UnitId unit, const ip::Span& span) override;
    void retired(ip::UnitId unit, std::uint8_t opcode, const ip::Tag& tag, const ip::CommandWork& work) override;
    void halted(ip::UnitId unit, std::uint32_t error, std::uint32_t index, std::uint32_t field) override;

    /// The firmware finished a step at `time`.
    void step_done(std::uint32_t step, float loss, ip::Picoseconds time);

    const std::vector<UnitInfo>& units() const { return units_; }
    const std::vector<UnitTotals>& totals() const { return totals_; }
    const std::vector<StepRecord>& steps() const { return steps_; }
    const std::vector<FaultRecord>& faults() const { return faults_; }
    /// Sorted by phase, then op.
    std::vector<OpTotals> ops() const;
    std::uint64_t commands() const { return commands_; }
    /// What no span covers, given the length of the run.
    ip::Picoseconds idle(ip::UnitId unit, ip::Picoseconds total) const;

private:
    OpTotals& slot(const ip::Tag& tag);
    OpTotals& add_slot(std::uint8_t phase, std::uint16_t op);
    void check(ip::UnitId unit, const ip::Span& span) const;
    void charge(const ip::Span& span, OpTotals& op);

    std::vector<UnitInfo> units_;
    SpanSink* sink_;
    std::vector<UnitTotals> totals_;
    std::vector<ip::Picoseconds> last_end_;
    // Millions of spans find their totals here: by phase, then by op + 1 modulo 2^16 (0: no op), a position in slots_
    // plus one.
    std::array<std::vector<std::uint32_t>, COMMAND_PHASE_GENERATE + 1> slot_of_;
    std::vector<OpTotals> slots_;
    bool charged_ = false;
    ip::Picoseconds charged_until_ = 0;
    ip::Picoseconds step_begin_ = 0;
    std::vector<StepRecord> steps_;
    std::vector<FaultRecord> faults_;
    std::uint64_t commands_ = 0;
};

} // namespace gradus::observe
