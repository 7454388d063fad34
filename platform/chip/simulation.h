// SPDX-License-Identifier: Apache-2.0
// Runs a scenario on the virtual chip: builds the chip, loads image, initial parameters and firmware, simulates until
// the firmware exits, and collects what happened. Once a process: a SystemC kernel simulates once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "platform/observe/result.h"
#include "platform/scenario/parameters.h"
#include "platform/schedule/schedule.h"

namespace gradus::chip {

class VirtualChip;

/// What the outside world sees while the chip runs. All calls come from inside the simulation; none may take long.
class RunListener {
public:
    virtual ~RunListener() = default;
    virtual void uart(char character) = 0;
    /// `loss` is 0 when no data is computed.
    virtual void step_done(std::uint32_t step, float loss, ip::Picoseconds time) = 0;
    virtual void validated(std::uint32_t /*step*/, float /*loss*/, ip::Picoseconds /*time*/) {}
};

/// Looks at what the units do to the chip's memories while it runs, in no simulated time. Whatever it returns ends the
/// run and is its failure.
class RunCheck {
public:
    virtual ~RunCheck() = default;
    /// Everything is loaded, and nothing has begun.
    virtual void begin(VirtualChip& chip) = 0;
    /// As ip::Observer::executed; the queue's number is its unit's.
    virtual void executed(ip::UnitId queue, std::uint32_t index, const ip::Tag& tag, const command& descriptor) = 0;
    /// All commands of a step have retired. `step` counts as for RunListener, which hears of it afterwards.
    virtual std::optional<std::string> step_done(std::uint32_t step) = 0;
    /// All commands of a look at what is held back have retired.
    virtual void validated() = 0;
    /// For the run's result.
    virtual observe::CheckTotals totals() const = 0;
};

struct Inputs {
    const scenario::Scenario& scenario;
    const schedule::Schedule& schedule;
    std::string firmware; ///< path of a RISC-V ELF
    observe::TraceSink* trace = nullptr;
    RunListener* listener = nullptr;
    /// Look into the chip's memories and change them, in no simulated time: when everything is loaded and the hart has
    /// not begun, and when the simulation has ended. The chip is there until the latter returns.
    std::function<void(VirtualChip&)> before_start = {};
    std::function<void(VirtualChip&)> after_end = {};
    /// Ends the run early once it is true, at the next sign of life of a unit.
    const std::atomic<bool>* interrupt = nullptr;
    /// Where a file without a name holds the steps of a long run; empty: the system's folder for temporary files.
    std::string folder = {};
    /// What a tensor holds when the run begins, empty for zeros; none: its initial values. Asked for where data is
    /// computed.
    std::function<std::vector<float>(const schedule::Tensor&)> values = {};
    /// Look into the memories when a step is over, in no simulated time. `step` counts from the beginning of training,
    /// also where an earlier run has done the first ones.
    std::function<void(VirtualChip&, std::uint32_t step)> after_step = {};
    RunCheck* check = nullptr;
};

struct Outcome {
    observe::Result result; ///< complete up to the point the run reached; `host` is left to the caller
    /// Why the run did not end by the firmware's own exit, as one message for people: a trap nobody handled, a halted
    /// queue, a hang with who waits for whom.
    std::optional<std::string> failure;
    bool interrupted = false; ///< which is a failure, too
};

/// Units in the order of their ids: queues by queue number, then "cpu". The trace writer needs them before the run.
std::vector<observe::UnitInfo> units(const scenario::ChipParameters& chip);

/// Throws std::runtime_error for a firmware that cannot be loaded into any chip (missing, truncated, another machine).
void check_firmware(const std::string& path);

/// A run that comes to nothing before its first step, as one message for people: a chip that cannot be built, an SRAM
/// that is too small for the firmware, or what the firmware says to the chip and the model.
class Refused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Throws Refused, and what check_firmware() throws.
Outcome simulate(const Inputs& inputs);

/// The same up to where the simulation would begin: builds the chip, loads it, calls `before_start`.
void prepare(const Inputs& inputs);

} // namespace gradus::chip
