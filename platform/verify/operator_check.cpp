// SPDX-License-Identifier: Apache-2.0
#include "platform/verify/operator_check.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "platform/chip/memory_map.h"
#include "platform/chip/virtual_chip.h"

namespace gradus::verify {

namespace {

ip::AddressRange tensors_of(const schedule::Schedule& schedule) {
    std::uint64_t begin = schedule.image_range.end(), end = begin;
    for (const schedule::Tensor& tensor : schedule.tensors) {
        begin = std::min(begin, tensor.address);
        end = std::max(end, tensor.address + tensor.bytes());
    }
    return {begin, end - begin};
}

} // namespace

OperatorCheck::OperatorCheck(const scenario::ChipParameters& chip, const schedule::Schedule& schedule,
                             Progress progress, const std::atomic<bool>* interrupt)
    : chip_(chip), schedule_(schedule), progress_(std::move(progress)), interrupt_(interrupt),
      units_(chip::units(chip)), image_(schedule.image.size()), written_(schedule.ops.size()),
      steps_commands_(units_.size()) {}

void OperatorCheck::begin(chip::VirtualChip& chip) {
    simulated_ = &chip;
    read_ = [&chip](std::uint64_t address, void* data, std::uint64_t bytes) { chip.read_memory(address, data, bytes); };
    memory_.emplace(tensors_of(schedule_), read_);
}

/// What belongs to no operator is done between operators. Whatever runs the forward pass for other ends is left alone.
void OperatorCheck::executed(ip::UnitId queue, std::uint32_t index, const ip::Tag& tag, const command& descriptor) {
    if (units_[queue].kind != observe::UnitKind::dma || tag.phase == COMMAND_PHASE_GENERATE ||
        tag.phase == COMMAND_PHASE_VALIDATE)
        return;
    std::optional<Written> written = written_by(descriptor, chip::dram_range(chip_), read_);
    if (!written) return;
    written->queue = queue;
    written->number = index - steps_commands_[queue];
    if (tag.op < written_.size()) {
        written_[tag.op].push_back(std::move(*written));
        return;
    }
    for (std::size_t row = 0; row < written->rows.size(); ++row)
        if (memory_->contains(written->rows[row], written->row_bytes))
            std::memcpy(memory_->at(written->rows[row]), written->data.data() + row * written->row_bytes,
                        written->row_bytes);
}

image_update OperatorCheck::update_of(std::uint32_t step) const {
    image_header header;
    std::memcpy(&header, image_.data(), sizeof header);
    image_update update;
    const std::uint64_t number = step - schedule_.first_step;
    std::memcpy(&update, image_.data() + header.update_offset + number * header.update_stride, sizeof update);
    return update;
}

void OperatorCheck::count_commands() {
    const std::vector<chip::QueueSnapshot> queues = simulated_->queues();
    for (std::size_t queue = 0; queue < queues.size(); ++queue)
        steps_commands_[queue] = queues[queue].state.before + queues[queue].state.retired;
}

std::optional<std::string> OperatorCheck::step_done(std::uint32_t step) {
    count_commands();
    read_(schedule_.image_range.base, image_.data(), image_.size());
    const image_update update = update_of(step);
    for (std::uint32_t op = 0; op < schedule_.ops.size(); ++op) {
        if (interrupt_ && interrupt_->load(std::memory_order_relaxed)) return std::nullopt;
        const std::vector<Written> written = std::exchange(written_[op], {});
        totals_.failure = check_operator({schedule_, units_, step, op, written}, update);
        if (totals_.failure) return totals_.failure;
        if (progress_) progress_(op + 1, schedule_.ops.size());
    }
    return std::nullopt;
}

std::optional<std::string> OperatorCheck::check_operator(const Execution& execution, const image_update& update) {
    const schedule::Op& op = schedule_.ops[execution.op];
    Results results(op, *memory_);
    for (const Written& written : execution.written)
        if (!results.apply(written)) return describe_stray(execution, written);
    const Comparison comparison = compare(op, update, *memory_, results, image_, schedule_.image_range.base);
    note(execution, comparison);
    if (comparison.worst.ratio > 1 && comparison.from_finite) return describe_deviation(execution, comparison);
    results.store_to(*memory_);
    return std::nullopt;
}

void OperatorCheck::note(const Execution& execution, const Comparison& comparison) {
    const schedule::Op& op = schedule_.ops[execution.op];
    ++totals_.operators;
    for (unsigned i = 0; i < op.operands.size(); ++i)
        if (is_result(op, i)) totals_.elements += elements_of(op, i);
    if (comparison.worst.ratio > totals_.worst && comparison.from_finite) {
        totals_.worst = comparison.worst.ratio;
        totals_.worst_op = name_of(execution);
        totals_.worst_tensor = tensor_at(execution, comparison.worst.address);
    }
    if (comparison.not_finite > 0 && comparison.from_finite && !totals_.first_not_finite)
        totals_.first_not_finite = describe_not_finite(execution, comparison);
}

} // namespace gradus::verify
