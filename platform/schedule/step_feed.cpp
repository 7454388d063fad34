// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/step_feed.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace gradus::schedule {

namespace {

image_update update_record(const scenario::RunParameters& run, std::uint32_t step, std::uint32_t slot) {
    const double rate = learning_rate(run, step);
    const double t = step + 1.0;
    image_update update{};
    update.step_size = static_cast<float>(rate / (1 - std::pow(run.beta1, t)));
    update.correction = static_cast<float>(1 / (1 - std::pow(run.beta2, t)));
    update.decay = static_cast<float>(rate * run.weight_decay);
    update.slot = slot;
    return update;
}

} // namespace

double learning_rate(const scenario::RunParameters& run, std::uint32_t step) {
    if (step < run.warmup_steps) return run.learning_rate * (step + 1.0) / run.warmup_steps;
    const double progress = (step - run.warmup_steps) / static_cast<double>(run.steps - run.warmup_steps);
    switch (run.rate_schedule) {
    case scenario::RateSchedule::linear:
        return run.learning_rate * (1 - progress);
    case scenario::RateSchedule::cosine:
        return run.learning_rate * 0.5 * (1 + std::cos(3.141592653589793 * progress));
    case scenario::RateSchedule::constant:
        break;
    }
    return run.learning_rate;
}

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
}

void StepFeed::write_record(std::uint32_t step, const Write& write) const {
    const image_update record = update_record(run_, step, step % layout_.slots);
    write(layout_.update_offset + std::uint64_t{step} * layout_.update_stride, &record, sizeof record);
}

} // namespace gradus::schedule
