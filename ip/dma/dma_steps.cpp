// SPDX-License-Identifier: Apache-2.0
// What the slots of a DMA channel do for a step: transactions, and the numbers in between.
#include <algorithm>
#include <cstddef>

#include "ip/dma/dma_channel.h"
#include "ip/dma/dma_check.h"
#include "ip/dma/dma_data.h"

namespace gradus::ip {

namespace {

void wait_until(Picoseconds time) {
    if (const Picoseconds present = now(); time > present) sc_core::wait(to_time(time - present));
}

} // namespace

void DmaChannel::perform(Slot& slot) {
    switch (slot.step.kind) {
    case DmaStep::Kind::move:
        return move(slot);
    case DmaStep::Kind::accumulate:
        return accumulate_burst(slot);
    case DmaStep::Kind::fill:
        return fill_burst(slot);
    case DmaStep::Kind::read_indices:
        return read_indices(slot);
    case DmaStep::Kind::bad_index:
        return slot.job->fail(QUEUE_ERROR_INDEXED, DMA_FIELD(index));
    case DmaStep::Kind::read_block_row:
        return read_block_row(slot);
    case DmaStep::Kind::write_block_row:
        return write_block_row(slot);
    }
}

void DmaChannel::move(Slot& slot) {
    const DmaStep& step = slot.step;
    const dma_body& body = slot.job->body;
    const bool real = is_real(step);
    const bool converts = body.src_format != body.dst_format;
    const Bytes in_bytes = step.elements * element_bytes(body.src_format);
    const Bytes out_bytes = step.elements * element_bytes(body.dst_format);
    if (!read(slot, step.read, real ? slot.in.data() : nullptr, in_bytes, DMA_FIELD(src))) return;
    if (real && converts) convert(slot.in.data(), body.src_format, slot.out.data(), body.dst_format, step.elements);
    const std::vector<std::uint8_t>& source = converts ? slot.out : slot.in;
    write(slot, real ? source.data() : nullptr, out_bytes);
}

void DmaChannel::accumulate_burst(Slot& slot) {
    const bool real = is_real(slot.step);
    const Bytes bytes = slot.step.elements * element_bytes(FORMAT_FP32);
    if (!read(slot, slot.step.read, real ? slot.in.data() : nullptr, bytes, DMA_FIELD(src))) return;
    if (!read(slot, slot.step.write, real ? slot.out.data() : nullptr, bytes, DMA_FIELD(dst))) return;
    if (real) accumulate(slot.out.data(), slot.in.data(), slot.step.elements);
    write(slot, real ? slot.out.data() : nullptr, bytes);
}

void DmaChannel::fill_burst(Slot& slot) {
    const bool real = is_real(slot.step);
    if (real) fill(slot.out.data(), slot.job->body.fill, slot.step.elements);
    write(slot, real ? slot.out.data() : nullptr, slot.step.elements * element_bytes(FORMAT_FP32));
}

void DmaChannel::read_indices(Slot& slot) {
    read(slot, slot.step.read, slot.job->plan->indices(), slot.step.elements * sizeof(std::uint32_t), DMA_FIELD(index));
}

void DmaChannel::read_block_row(Slot& slot) {
    const DmaStep& step = slot.step;
    const dma_body& body = slot.job->body;
    const bool real = is_real(step);
    const Bytes bytes = step.elements * element_bytes(body.src_format);
    if (!read(slot, step.read, real ? slot.in.data() : nullptr, bytes, DMA_FIELD(src)) || !real) return;
    const Bytes element = element_bytes(body.dst_format);
    std::vector<std::uint8_t>& block = slot.job->block;
    block.resize(DmaPlan::block_edge * DmaPlan::block_edge * element_bytes(FORMAT_FP32));
    std::uint8_t* row = block.data() + (step.block_row * DmaPlan::block_edge + step.block_offset) * element;
    convert(slot.in.data(), body.src_format, row, body.dst_format, step.elements);
}

void DmaChannel::write_block_row(Slot& slot) {
    const DmaStep& step = slot.step;
    const std::vector<std::uint8_t>& block = slot.job->block;
    const bool real = is_real(step) && !block.empty();
    const Bytes element = element_bytes(slot.job->body.dst_format);
    if (real) {
        const std::uint8_t* first = block.data() + step.block_offset * DmaPlan::block_edge * element;
        copy_column(first, DmaPlan::block_edge, step.block_row, element, slot.out.data(), step.elements);
    }
    write(slot, real ? slot.out.data() : nullptr, step.elements * element);
}

bool DmaChannel::read(Slot& slot, std::uint64_t address, void* destination, Bytes bytes, std::uint32_t field) {
    wait_for_turn(slot);
    return issue(slot, slot.access.read(address, destination, bytes), field);
}

bool DmaChannel::write(Slot& slot, const void* source, Bytes bytes) {
    wait_for_turn(slot);
    return issue(slot, slot.access.write(slot.step.write, source, bytes), DMA_FIELD(dst));
}

void DmaChannel::wait_for_turn(Slot& slot) {
    DmaJob& job = *slot.job;
    if (!job.set_up) {
        wait_until(job.ready);
        job.set_up = true;
        slot.turn = path_.issue(now(), slot.step.new_row);
        give_to_idle_slots();
    }
    const Picoseconds turn = slot.turn ? *slot.turn : path_.issue(now(), false);
    slot.turn.reset();
    wait_until(turn);
}

bool DmaChannel::issue(Slot& slot, tlm::tlm_generic_payload& payload, std::uint32_t field) {
    DmaJob& job = *slot.job;
    if (job.error || job_->error) return false;
    const bool transposed = job.body.mode & DMA_TRANSPOSE;
    const Picoseconds passed =
        path_.pass(now(), payload.is_write(), payload.get_data_length(), slot.step.elements, transposed);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    data->b_transport(payload, delay);
    wait_until(std::max(now() + to_picoseconds(delay), passed));
    if (payload.is_response_error()) {
        job.fail(QUEUE_ERROR_ADDRESS, field);
        return false;
    }
    count(job.work, payload);
    return true;
}

void DmaChannel::count(CommandWork& work, const tlm::tlm_generic_payload& payload) const {
    const Bytes bytes = payload.get_data_length();
    const std::uint64_t address = payload.get_address();
    if (memories_.dram.contains(address))
        (payload.is_write() ? work.dram_written : work.dram_read) += bytes;
    else if (memories_.scratchpad.contains(address))
        (payload.is_write() ? work.scratchpad_written : work.scratchpad_read) += bytes;
}

} // namespace gradus::ip
