// SPDX-License-Identifier: Apache-2.0
// What a result means: rates, shares, lower bounds, and the one sentence about what bounds the chip.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/observe/result.h"
#include "platform/report/bounds.h"
#include "platform/report/steady.h"
#include "platform/schedule/schedule.h"

namespace gradus::report {

/// A part of a whole.
struct Share {
    std::string name;
    ip::Picoseconds time = 0;
    double share = 0;
};

struct UnitAnalysis {
    std::string name;
    observe::UnitKind kind = observe::UnitKind::cpu;
    double busy = 0;
    double stalled = 0;
    double idle = 0;
    ip::Picoseconds idle_time = 0;
    /// Largest first; named "fetch", "memory", "bus", or after the queue whose fence is waited for.
    std::vector<Share> stalls;
    /// MACs, elements or bytes done, relative to what its peak allows in its busy time; 0 when it has no peak or no
    /// work.
    double efficiency = 0;
};

struct OpAnalysis {
    std::string name; ///< of the schedule; "other": time of no op
    std::string phase;
    std::string kind;
    std::string shape;
    unsigned layer = 0;               ///< COMMAND_NO_LAYER: none
    std::uint64_t scheduled_macs = 0; ///< of one step
    double share = 0;
    observe::OpTotals totals;
};

struct TrafficAnalysis {
    ip::Bytes bytes = 0;
    double bytes_per_second = 0; ///< averaged over the stretch
    double peak_bytes_per_second = 0;
    double of_peak = 0;
    double busy = 0;                ///< share of the stretch that the data bus is taken
    std::optional<double> row_hits; ///< share of the bursts
};

struct InstructionAnalysis {
    std::uint64_t count = 0;
    double per_second = 0; ///< of simulated time
    double per_cycle = 0;  ///< of the hart's busy time, in its own clock
};

/// A phase or a layer: what units did in its time, and what bounds it.
struct LevelAnalysis {
    Share total;
    unsigned number = 0; ///< COMMAND_PHASE_*, or the layer; COMMAND_NO_LAYER: what belongs to none
    std::vector<observe::Usage> units;
    ip::Picoseconds path = 0; ///< of the critical paths of the steps
    /// Its commands overlap a little with its neighbours' time, so that a bound may be above what was measured.
    std::vector<LowerBound> bounds;
};

/// Where time and work went in the whole run, or in a step of it: the stretch. Shares are of the stretch, 0 to 1,
/// unless said otherwise.
struct Breakdown {
    std::vector<UnitAnalysis> units;
    std::vector<LevelAnalysis> phases; ///< in the order of a step; they add up to the stretch
    std::vector<LevelAnalysis> layers; ///< in order, then what belongs to none; they add up to the stretch
    std::vector<Share> path;           ///< critical path by unit, largest first; shares of the training time in it
    std::vector<Share> kinds;    ///< by operator kind over layers and phases, largest first; they add up to the stretch
    std::vector<OpAnalysis> ops; ///< in the order of the result, their times add up to the stretch
    TrafficAnalysis dram;
    InstructionAnalysis instructions;
    std::vector<LowerBound> bounds;
    std::string verdict; ///< "bound by CPU issue: the hart is busy 83.0 % of the time ..."
};

struct Analysis {
    ip::Picoseconds training_time = 0; ///< from reset to the end of the last step, without validations
    ip::Picoseconds validation_time = 0;
    ip::Picoseconds mean_step = 0;
    double tokens_per_second = 0;     ///< of all the training, boot and first step with it
    std::optional<SteadyStep> steady; ///< nothing without a step
    bool has_loss = false;
    double first_loss = 0;
    double last_loss = 0; ///< mean of the last `loss_window` steps
    unsigned loss_window = 0;
    double first_validation = 0; ///< loss, where there is one and result.validations are not empty
    double last_validation = 0;
    std::vector<std::string> warnings; ///< a sentence each: what makes the run doubtful
    Breakdown run;
    std::optional<Breakdown> step; ///< the last one; nothing without a step
    /// What an architect wants to know: of a step, not of boot and generation, where there is a step.
    const Breakdown& main() const { return step ? *step : run; }
};

/// For a loss that is not finite: "the loss is nan at step 3, ..."; with where it comes from, if that is known.
std::string loss_warning(std::uint32_t step, double loss, const std::string& cause);
/// The same about the first such step of a run; nothing when all losses are finite, or none is computed.
std::optional<std::string> loss_warning(const observe::Result& result);

Analysis analyse(const observe::Result& result, const schedule::Schedule& schedule);

} // namespace gradus::report
