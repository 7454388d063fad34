// SPDX-License-Identifier: Apache-2.0
#include "ip/dma/dma_channel.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <sysc/kernel/sc_dynamic_processes.h>

#include "ip/dma/dma_check.h"
#include "ip/dma/dma_data.h"

namespace gradus::ip {

DmaChannel::DmaChannel(sc_core::sc_module_name name, unsigned index, const DmaParameters& parameters,
                       const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
                       const DmaMemoryMap& memories, bool tensor_data)
    : sc_module(name), queue("queue", index, queue_parameters, clock, fences, observer, *this), data("data"),
      parameters_(parameters), clock_(clock), memories_(memories), tensor_data_(tensor_data) {
    const Bytes buffer = std::max<Bytes>(parameters.burst_bytes, sizeof(std::uint32_t));
    for (unsigned i = 0; i < std::max(1u, parameters.outstanding); ++i) {
        Slot& slot = slots_.emplace_back();
        slot.number = i;
        slot.in.resize(buffer);
        slot.out.resize(buffer);
        if (i > 0) sc_core::sc_spawn([this, &slot] { slot_thread(slot); }, ("slot_" + std::to_string(i)).c_str());
    }
}

Execution DmaChannel::execute(const command& command) {
    std::memcpy(&body_, command.body, sizeof body_);
    if (const auto error = dma_check(command.header.opcode, body_)) return {error, 0, {}};
    plan_.emplace(command.header.opcode, body_, parameters_.burst_bytes);
    error_.reset();
    work_ = {};
    ready_ = now() + clock_(parameters_.setup_cycles);

    Slot& own = slots_.front();
    for (work_off(own); active_ > 0; work_off(own)) {
        idle_.push_back(own.number);
        wait(own.wake);
    }
    plan_.reset();
    return {error_, 0, work_};
}

void DmaChannel::slot_thread(Slot& slot) {
    for (;;) {
        idle_.push_back(slot.number);
        wait(slot.wake);
        work_off(slot);
        if (active_ == 0 && !can_take()) wake_executor();
    }
}

void DmaChannel::work_off(Slot& slot) {
    while (can_take()) {
        perform(slot, take());
        --active_;
    }
}

bool DmaChannel::can_take() const {
    return plan_ && !error_ && !plan_->done() && !(active_ > 0 && plan_->next_needs_quiet());
}

DmaStep DmaChannel::take() {
    const DmaStep step = plan_->next();
    ++active_;
    if (can_take()) wake_idle_slot(); // which takes a step and wakes the next
    return step;
}

void DmaChannel::wake_idle_slot() {
    if (idle_.empty()) return;
    slots_[idle_.back()].wake.notify(sc_core::SC_ZERO_TIME);
    idle_.pop_back();
}

void DmaChannel::wake_executor() {
    const auto executor = std::find(idle_.begin(), idle_.end(), 0u);
    if (executor == idle_.end()) return;
    idle_.erase(executor);
    slots_.front().wake.notify(sc_core::SC_ZERO_TIME);
}

void DmaChannel::perform(Slot& slot, const DmaStep& step) {
    switch (step.kind) {
    case DmaStep::Kind::move:
        return move(slot, step);
    case DmaStep::Kind::accumulate:
        return accumulate_burst(slot, step);
    case DmaStep::Kind::fill:
        return fill_burst(slot, step);
    case DmaStep::Kind::read_indices:
        return read_indices(slot, step);
    case DmaStep::Kind::bad_index:
        return fail(QUEUE_ERROR_INDEXED, DMA_FIELD(index));
    case DmaStep::Kind::read_block_row:
        return read_block_row(slot, step);
    case DmaStep::Kind::write_block_row:
        return write_block_row(slot, step);
    }
}

void DmaChannel::move(Slot& slot, const DmaStep& step) {
    const bool real = is_real(step.write);
    const Bytes in_bytes = step.elements * element_bytes(body_.src_format);
    const Bytes out_bytes = step.elements * element_bytes(body_.dst_format);
    const bool converts = body_.src_format != body_.dst_format;
    if (!read(slot, step.read, real ? slot.in.data() : nullptr, in_bytes, DMA_FIELD(src))) return;
    if (real && converts) convert(slot.in.data(), body_.src_format, slot.out.data(), body_.dst_format, step.elements);
    const std::vector<std::uint8_t>& source = converts ? slot.out : slot.in;
    write(slot, step.write, real ? source.data() : nullptr, out_bytes);
}

void DmaChannel::accumulate_burst(Slot& slot, const DmaStep& step) {
    const bool real = is_real(step.write);
    const Bytes bytes = step.elements * element_bytes(FORMAT_FP32);
    if (!read(slot, step.read, real ? slot.in.data() : nullptr, bytes, DMA_FIELD(src))) return;
    if (!read(slot, step.write, real ? slot.out.data() : nullptr, bytes, DMA_FIELD(dst))) return;
    if (real) accumulate(slot.out.data(), slot.in.data(), step.elements);
    write(slot, step.write, real ? slot.out.data() : nullptr, bytes);
}

void DmaChannel::fill_burst(Slot& slot, const DmaStep& step) {
    const bool real = is_real(step.write);
    if (real) fill(slot.out.data(), body_.fill, step.elements);
    write(slot, step.write, real ? slot.out.data() : nullptr, step.elements * element_bytes(FORMAT_FP32));
}

void DmaChannel::read_indices(Slot& slot, const DmaStep& step) {
    read(slot, step.read, plan_->indices(), step.elements * sizeof(std::uint32_t), DMA_FIELD(index));
}

void DmaChannel::read_block_row(Slot& slot, const DmaStep& step) {
    const bool real = is_real(step.write);
    const Bytes bytes = step.elements * element_bytes(body_.src_format);
    if (!read(slot, step.read, real ? slot.in.data() : nullptr, bytes, DMA_FIELD(src)) || !real) return;
    const Bytes row_bytes = DmaPlan::block_edge * element_bytes(body_.dst_format);
    block_.resize(DmaPlan::block_edge * DmaPlan::block_edge * element_bytes(FORMAT_FP32));
    convert(slot.in.data(), body_.src_format, block_.data() + step.block_row * row_bytes, body_.dst_format,
            step.elements);
}

void DmaChannel::write_block_row(Slot& slot, const DmaStep& step) {
    const bool real = is_real(step.write) && !block_.empty();
    const Bytes element = element_bytes(body_.dst_format);
    if (real) copy_column(block_.data(), DmaPlan::block_edge, step.block_row, element, slot.out.data(), step.elements);
    write(slot, step.write, real ? slot.out.data() : nullptr, step.elements * element);
}

bool DmaChannel::read(Slot& slot, std::uint64_t address, void* destination, Bytes bytes, std::uint32_t field) {
    wait_for_issue();
    if (!issue(slot.access.read(address, destination, bytes), field)) return false;
    count(address, bytes, false);
    return true;
}

bool DmaChannel::write(Slot& slot, std::uint64_t address, const void* source, Bytes bytes) {
    wait_for_issue();
    if (!issue(slot.access.write(address, source, bytes), DMA_FIELD(dst))) return false;
    count(address, bytes, true);
    return true;
}

void DmaChannel::wait_for_issue() {
    const Picoseconds start = issue_port_.reserve(std::max(now(), ready_), clock_(parameters_.issue_cycles));
    if (start > now()) wait(to_time(start - now()));
}

bool DmaChannel::issue(tlm::tlm_generic_payload& payload, std::uint32_t field) {
    if (error_) return false;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    data->b_transport(payload, delay);
    if (delay != sc_core::SC_ZERO_TIME) wait(delay);
    if (payload.is_response_error()) fail(QUEUE_ERROR_ADDRESS, field);
    return !payload.is_response_error();
}

void DmaChannel::count(std::uint64_t address, Bytes bytes, bool write) {
    if (memories_.dram.contains(address))
        (write ? work_.dram_written : work_.dram_read) += bytes;
    else if (memories_.scratchpad.contains(address))
        (write ? work_.scratchpad_written : work_.scratchpad_read) += bytes;
}

void DmaChannel::fail(std::uint32_t code, std::uint32_t field) {
    if (!error_) error_ = CommandError{code, field};
}

bool DmaChannel::is_real(std::uint64_t destination) const {
    return tensor_data_ || memories_.control_memory.contains(destination);
}

} // namespace gradus::ip
