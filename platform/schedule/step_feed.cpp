// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/step_feed.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "platform/schedule/optimizer.h"

namespace gradus::schedule {

StepFeed::StepFeed(StepInputs inputs, const ImageLayout& layout, const scenario::RunParameters& run)
    : inputs_(std::move(inputs)), layout_(layout), run_(run) {}

void StepFeed::begin(const Write& write) const {
    for (std::uint32_t step = 0; step < layout_.slots; ++step)
        write_inputs(step, write);
    const std::uint32_t records = layout_.update_stride ? run_.steps : 1;
    for (std::uint32_t step = 0; step < records; ++step)
        write_record(step, write);
}

void StepFeed::step_done(std::uint32_t step, const Write& write) const {
    if (holds_all() || step >= run_.steps) return;
    if (run_.steps - step > 1) write_record(step + 1, write);
    if (run_.steps - step > layout_.slots) write_inputs(step + layout_.slots, write);
}

void StepFeed::write_inputs(std::uint32_t step, const Write& write) const {
    const std::size_t tokens = inputs_.tokens();
    std::vector<std::uint32_t> indices(2 * tokens);
    std::vector<float> weights(tokens);
    inputs_.write(step, indices.data(), indices.data() + tokens, weights.data());
    const std::uint64_t offset = layout_.step_offset + std::uint64_t{step % layout_.slots} * layout_.step_stride;
    write(offset, indices.data(), 8 * tokens);
    write(offset + 8 * tokens, weights.data(), 4 * tokens);
    if (inputs_.patch_values() == 0) return;
    std::vector<float> patches(inputs_.patch_values());
    inputs_.write_patches(step, patches.data());
    write(offset + layout_.patch_offset, patches.data(), 4 * patches.size());
}

void StepFeed::write_record(std::uint32_t step, const Write& write) const {
    image_update record = update_of(run_, step);
    record.slot = step % layout_.slots;
    write(layout_.update_offset + std::uint64_t{step} * layout_.update_stride, &record, sizeof record);
}

} // namespace gradus::schedule
