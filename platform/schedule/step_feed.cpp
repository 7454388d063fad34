// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/step_feed.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "platform/schedule/optimizer.h"

namespace gradus::schedule {

StepFeed::StepFeed(StepInputs inputs, const ImageLayout& layout, const scenario::RunParameters& run,
                   std::uint32_t first_step)
    : inputs_(std::move(inputs)), layout_(layout), run_(run), first_step_(first_step) {}

void StepFeed::begin(const Write& write) const {
    for (std::uint32_t step = 0; step < layout_.slots; ++step)
        write_step(step, write);
    for (std::uint32_t batch = 0; batch < layout_.validation_slots; ++batch)
        write_inputs(Split::validation, batch, layout_.slots + batch, write);
    const std::uint32_t records = layout_.update_stride ? steps() : 1;
    for (std::uint32_t step = 0; step < records; ++step)
        write_record(step, write);
}

void StepFeed::step_done(std::uint32_t step, const Write& write) const {
    if (holds_all() || step >= steps()) return;
    if (steps() - step > 1) write_record(step + 1, write);
    if (steps() - step > layout_.slots) write_step(step + layout_.slots, write);
}

void StepFeed::write_step(std::uint32_t step, const Write& write) const {
    write_inputs(Split::training, first_step_ + step, step % layout_.slots, write);
}

void StepFeed::write_inputs(Split split, std::uint32_t number, std::uint32_t slot, const Write& write) const {
    const std::size_t tokens = inputs_.tokens();
    std::vector<std::uint32_t> indices(2 * tokens);
    std::vector<float> weights(tokens);
    inputs_.write(split, number, indices.data(), indices.data() + tokens, weights.data());
    const std::uint64_t offset = layout_.step_offset + std::uint64_t{slot} * layout_.step_stride;
    write(offset, indices.data(), 8 * tokens);
    write(offset + 8 * tokens, weights.data(), 4 * tokens);
    if (run_.loss_scale != 1) {
        for (float& weight : weights)
            weight *= static_cast<float>(run_.loss_scale);
        write(offset + 12 * tokens, weights.data(), 4 * tokens);
    }
    if (inputs_.patch_values() == 0) return;
    std::vector<float> patches(inputs_.patch_values());
    inputs_.write_patches(split, number, patches.data());
    write(offset + layout_.patch_offset, patches.data(), 4 * patches.size());
}

void StepFeed::write_record(std::uint32_t step, const Write& write) const {
    image_update record = update_of(run_, first_step_ + step);
    record.slot = step % layout_.slots;
    write(layout_.update_offset + std::uint64_t{step} * layout_.update_stride, &record, sizeof record);
}

} // namespace gradus::schedule
