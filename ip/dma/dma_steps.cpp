// SPDX-License-Identifier: Apache-2.0
// What the slots of a DMA channel do for a step: transactions, and the numbers in between.
#include <algorithm>
#include <cstddef>

#include "ip/dma/dma_channel.h"
#include "ip/dma/dma_check.h"
#include "ip/dma/dma_data.h"

namespace gradus::ip {

unsigned DmaChannel::stages(DmaStep::Kind kind) {
    switch (kind) {
    case DmaStep::Kind::move:
        return 2; // read, write
    case DmaStep::Kind::accumulate:
        return 3; // read both, write
    default:
        return 1;
    }
}

/// The step's next transaction, and what happens to the numbers it brings or takes: at the call, at which data move.
void DmaChannel::transact(Slot& slot) {
    slot.due = now();
    if (slot.job->error || job_->error) return;
    switch (slot.step.kind) {
    case DmaStep::Kind::move:
        return move(slot);
    case DmaStep::Kind::accumulate:
        return accumulate_burst(slot);
    case DmaStep::Kind::fill:
        return fill_burst(slot);
    case DmaStep::Kind::read_indices:
        return read(slot, slot.step.read, slot.job->plan->indices(), slot.step.elements * sizeof(std::uint32_t),
                    DMA_FIELD(index));
    case DmaStep::Kind::bad_index:
        slot.failure = CommandError{QUEUE_ERROR_INDEXED, DMA_FIELD(index)};
        return;
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
    if (slot.stage == 0) {
        const Bytes bytes = step.elements * element_bytes(body.src_format);
        read(slot, step.read, real ? slot.in.data() : nullptr, bytes, DMA_FIELD(src));
        if (real && converts) convert(slot.in.data(), body.src_format, slot.out.data(), body.dst_format, step.elements);
    } else {
        const std::vector<std::uint8_t>& source = converts ? slot.out : slot.in;
        write(slot, real ? source.data() : nullptr, step.elements * element_bytes(body.dst_format));
    }
}

void DmaChannel::accumulate_burst(Slot& slot) {
    const DmaStep& step = slot.step;
    const bool real = is_real(step);
    const Bytes bytes = step.elements * element_bytes(FORMAT_FP32);
    if (slot.stage == 0) return read(slot, step.read, real ? slot.in.data() : nullptr, bytes, DMA_FIELD(src));
    if (slot.stage == 2) return write(slot, real ? slot.out.data() : nullptr, bytes);
    read(slot, step.write, real ? slot.out.data() : nullptr, bytes, DMA_FIELD(dst));
    if (real) accumulate(slot.out.data(), slot.in.data(), step.elements);
}

void DmaChannel::fill_burst(Slot& slot) {
    const bool real = is_real(slot.step);
    if (real) fill(slot.out.data(), slot.job->body.fill, slot.step.elements);
    write(slot, real ? slot.out.data() : nullptr, slot.step.elements * element_bytes(FORMAT_FP32));
}

void DmaChannel::read_block_row(Slot& slot) {
    const DmaStep& step = slot.step;
    const dma_body& body = slot.job->body;
    const bool real = is_real(step);
    const Bytes bytes = step.elements * element_bytes(body.src_format);
    read(slot, step.read, real ? slot.in.data() : nullptr, bytes, DMA_FIELD(src));
    if (!real) return;
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

void DmaChannel::read(Slot& slot, std::uint64_t address, void* destination, Bytes bytes, std::uint32_t field) {
    issue(slot, slot.access.read(address, destination, bytes), field);
}

void DmaChannel::write(Slot& slot, const void* source, Bytes bytes) {
    issue(slot, slot.access.write(slot.step.write, source, bytes), DMA_FIELD(dst));
}

void DmaChannel::issue(Slot& slot, tlm::tlm_generic_payload& payload, std::uint32_t field) {
    const bool transposed = slot.job->body.mode & DMA_TRANSPOSE;
    const Picoseconds passed =
        path_.pass(now(), payload.is_write(), payload.get_data_length(), slot.step.elements, transposed);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    slot.due = never; // nobody else ends it
    data->b_transport(payload, delay);
    slot.due = std::max(now() + to_picoseconds(delay), passed);
    if (payload.is_response_error())
        slot.failure = CommandError{QUEUE_ERROR_ADDRESS, field};
    else
        count(slot.job->work, payload);
}

void DmaChannel::count(CommandWork& work, const tlm::tlm_generic_payload& payload) const {
    const Bytes bytes = payload.get_data_length();
    const std::uint64_t address = payload.get_address();
    if (memories_.dram.contains(address))
        (payload.is_write() ? work.dram_written : work.dram_read) += bytes;
    else if (memories_.scratchpad.contains(address))
        (payload.is_write() ? work.scratchpad_written : work.scratchpad_read) += bytes;
    else if (memories_.control_memory.contains(address))
        (payload.is_write() ? work.sram_written : work.sram_read) += bytes;
}

} // namespace gradus::ip
