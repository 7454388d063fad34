// SPDX-License-Identifier: Apache-2.0
// What steps need from outside the chip, their inputs and update records, and when it is written where in the image:
// firmware/include/schedule_image.h says how the host feeds a run that is too long for the image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "platform/schedule/image.h"
#include "platform/schedule/text.h"

namespace gradus::schedule {

/// Of steps `first_step` to run.steps, which count from 0 here, as they do for the firmware.
class StepFeed {
public:
    StepFeed(StepInputs inputs, const ImageLayout& layout, const scenario::RunParameters& run,
             std::uint32_t first_step);

    /// Puts `bytes` bytes at an offset from the start of the image.
    using Write = std::function<void(std::uint64_t offset, const void* data, std::size_t bytes)>;

    /// What the image holds when the run begins; the inputs of validation stay.
    void begin(const Write& write) const;
    /// What the host writes once `step` is done; nothing when there is no such step, or none after it.
    void step_done(std::uint32_t step, const Write& write) const;

    /// Whether the image holds all steps from the beginning: nothing is left to feed.
    bool holds_all() const { return layout_.slots == steps(); }

private:
    std::uint32_t steps() const { return run_.steps - first_step_; }
    void write_step(std::uint32_t step, const Write& write) const;
    /// Of training the step of the whole run, of validation the batch.
    void write_inputs(Split split, std::uint32_t number, std::uint32_t slot, const Write& write) const;
    void write_record(std::uint32_t step, const Write& write) const;

    StepInputs inputs_;
    ImageLayout layout_;
    scenario::RunParameters run_;
    std::uint32_t first_step_;
};

} // namespace gradus::schedule
