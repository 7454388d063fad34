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

class StepFeed {
public:
    StepFeed(StepInputs inputs, const ImageLayout& layout, const scenario::RunParameters& run);

    /// Puts `bytes` bytes at an offset from the start of the image.
    using Write = std::function<void(std::uint64_t offset, const void* data, std::size_t bytes)>;

    /// What the image holds when the run begins.
    void begin(const Write& write) const;
    /// What the host writes once `step` is done; nothing when there is no such step, or none after it.
    void step_done(std::uint32_t step, const Write& write) const;

    /// Whether the image holds all steps from the beginning: nothing is left to feed.
    bool holds_all() const { return layout_.slots == run_.steps; }

private:
    void write_inputs(std::uint32_t step, const Write& write) const;
    void write_record(std::uint32_t step, const Write& write) const;

    StepInputs inputs_;
    ImageLayout layout_;
    scenario::RunParameters run_;
};

} // namespace gradus::schedule
