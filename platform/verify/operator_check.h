// SPDX-License-Identifier: Apache-2.0
// gradus run --check: holds every operator's results against its reference in double precision, from what the chip
// itself gave the operator to read. It only looks, so the chip takes the same time.
//
// While a step runs, what its commands write into the DRAM is kept, command by command. When all have retired, operator
// after operator is taken in the order of the schedule, whatever order the chip took: its reference reads a DRAM in
// which all operators before it are done and none behind it has begun, which is what the firmware's waits have to make
// of the chip's, and its results are compared with what its commands wrote. So a number that is wrong is that of the
// operator that made it, not of those that have read it since; and one that was read too early, or too late, shows.
// Neither early updates nor recorded lists nor memory that tensors share matter to it. Generation is not looked at.
//
// It takes as much memory as the chip's tensors do once more, and what a step writes on top.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/chip/simulation.h"
#include "platform/verify/finding.h"

namespace gradus::verify {

class OperatorCheck : public chip::RunCheck {
public:
    /// Called after each operator with how many of the step's are done.
    using Progress = std::function<void(std::size_t done, std::size_t all)>;

    /// `interrupt` may be null: once it is true, no more operators are looked at.
    OperatorCheck(const scenario::ChipParameters& chip, const schedule::Schedule& schedule, Progress progress = {},
                  const std::atomic<bool>* interrupt = nullptr);

    void begin(chip::VirtualChip& chip) override;
    void executed(ip::UnitId queue, std::uint32_t index, const ip::Tag& tag, const command& descriptor) override;
    /// A finding: the first operator that is wrong.
    std::optional<std::string> step_done(std::uint32_t step) override;
    void validated() override { count_commands(); }
    observe::CheckTotals totals() const override { return totals_; }

private:
    void count_commands();
    std::optional<std::string> check_operator(const Execution& execution, const image_update& update);
    void note(const Execution& execution, const Comparison& comparison);
    image_update update_of(std::uint32_t step) const;

    const scenario::ChipParameters& chip_;
    const schedule::Schedule& schedule_;
    const Progress progress_;
    const std::atomic<bool>* const interrupt_;
    const std::vector<observe::UnitInfo> units_;
    chip::VirtualChip* simulated_ = nullptr;
    ReadMemory read_;
    std::optional<TensorMemory> memory_;        ///< before the operator that is next
    std::vector<std::uint8_t> image_;           ///< as it is in the step that is checked
    std::vector<std::vector<Written>> written_; ///< by operator
    std::vector<std::uint32_t> steps_commands_; ///< of each queue, of what is done
    observe::CheckTotals totals_;
};

} // namespace gradus::verify
