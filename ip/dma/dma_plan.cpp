// SPDX-License-Identifier: Apache-2.0
#include "ip/dma/dma_plan.h"

#include <algorithm>

#include "ip/dma/dma_check.h"

namespace gradus::ip {

namespace {

std::uint32_t burst_of(Bytes burst_bytes, Bytes element) {
    return static_cast<std::uint32_t>(std::clamp<Bytes>(burst_bytes / element, 1, 1u << 20));
}

} // namespace

DmaPlan::DmaPlan(std::uint8_t opcode, const dma_body& body, Bytes burst_bytes, Bytes align_bytes)
    : opcode_(opcode), body_(body), src_element_(element_bytes(body.src_format)),
      dst_element_(element_bytes(body.dst_format)), align_bytes_(align_bytes),
      burst_elements_(burst_of(burst_bytes, std::max(src_element_, dst_element_))),
      burst_indices_(burst_of(burst_bytes, sizeof(std::uint32_t))), rows_(body.rows), cols_(body.cols) {
    if (indexed())
        indices_.resize(std::min<std::uint64_t>(burst_indices_, rows_));
    else if (!transposes())
        merge_gapless_rows();
}

void DmaPlan::merge_gapless_rows() {
    const bool src_gapless = opcode_ == DMA_FILL || body_.src_pitch == cols_ * src_element_;
    const bool dst_gapless = body_.dst_pitch == cols_ * dst_element_;
    if (!src_gapless || !dst_gapless) return;
    cols_ *= rows_;
    rows_ = 1;
}

bool DmaPlan::next_needs_quiet() const {
    if (body_.mode & DMA_ACCUMULATE) return true;
    if (indexed()) return row_ == indices_end_ || (row_ == indices_begin_ && col_ == 0);
    if (transposes()) return block_row_ == 0 && block_offset_ == 0;
    return false;
}

DmaStep DmaPlan::next() {
    if (transposes()) return next_of_block();
    if (indexed() && row_ == indices_end_) return next_indices();
    return next_burst();
}

std::uint32_t DmaPlan::up_to_boundary(std::uint64_t elements, std::uint64_t address, Bytes element) const {
    if (align_bytes_)
        elements = std::clamp<std::uint64_t>((align_bytes_ - address % align_bytes_) / element, 1, elements);
    return static_cast<std::uint32_t>(elements);
}

DmaStep DmaPlan::next_burst() {
    std::uint64_t src_row = row_;
    std::uint64_t dst_row = row_;
    if (indexed()) {
        const std::uint32_t index = indices_[row_ - indices_begin_];
        if (index >= body_.index_rows) {
            row_ = rows_;
            return {DmaStep::Kind::bad_index};
        }
        (opcode_ == DMA_GATHER ? src_row : dst_row) = index;
    }
    DmaStep step;
    if (body_.mode & DMA_ACCUMULATE) step.kind = DmaStep::Kind::accumulate;
    if (opcode_ == DMA_FILL) step.kind = DmaStep::Kind::fill;
    step.read = body_.src + src_row * body_.src_pitch + col_ * src_element_;
    step.write = body_.dst + dst_row * body_.dst_pitch + col_ * dst_element_;
    step.new_row = row_ > 0 && col_ == 0;
    step.elements = up_to_boundary(std::min<std::uint64_t>(burst_elements_, cols_ - col_), step.write, dst_element_);
    if (opcode_ != DMA_FILL) step.elements = up_to_boundary(step.elements, step.read, src_element_);
    col_ += step.elements;
    if (col_ == cols_) {
        col_ = 0;
        ++row_;
    }
    return step;
}

DmaStep DmaPlan::next_indices() {
    DmaStep step;
    step.kind = DmaStep::Kind::read_indices;
    step.read = body_.index + row_ * sizeof(std::uint32_t);
    step.elements =
        up_to_boundary(std::min<std::uint64_t>(burst_indices_, rows_ - row_), step.read, sizeof(std::uint32_t));
    indices_begin_ = row_;
    indices_end_ = row_ + step.elements;
    return step;
}

std::uint32_t DmaPlan::block_rows() const {
    const std::uint64_t edge = std::min(block_edge, burst_elements_);
    return static_cast<std::uint32_t>(std::min(edge, rows_ - row_));
}

std::uint32_t DmaPlan::block_cols() const {
    const std::uint64_t edge = std::min(block_edge, burst_elements_);
    return static_cast<std::uint32_t>(std::min(edge, cols_ - col_));
}

DmaStep DmaPlan::next_of_block() {
    DmaStep step;
    step.block_row = block_row_;
    step.block_offset = block_offset_;
    step.new_row = block_offset_ == 0 && (row_ || col_ || block_row_ || block_writes_);
    step.write = body_.dst + col_ * body_.dst_pitch + row_ * dst_element_;
    block_writes_ ? write_block(step) : read_block(step);
    return step;
}

void DmaPlan::read_block(DmaStep& step) {
    step.kind = DmaStep::Kind::read_block_row;
    step.read = body_.src + (row_ + block_row_) * body_.src_pitch + (col_ + block_offset_) * src_element_;
    step.elements = up_to_boundary(block_cols() - block_offset_, step.read, src_element_);
    block_offset_ += step.elements;
    if (block_offset_ < block_cols()) return;
    block_offset_ = 0;
    if (++block_row_ < block_rows()) return;
    block_row_ = 0;
    block_writes_ = true;
}

void DmaPlan::write_block(DmaStep& step) {
    step.kind = DmaStep::Kind::write_block_row;
    step.write += std::uint64_t{block_row_} * body_.dst_pitch + block_offset_ * dst_element_;
    step.elements = up_to_boundary(block_rows() - block_offset_, step.write, dst_element_);
    block_offset_ += step.elements;
    if (block_offset_ < block_rows()) return;
    block_offset_ = 0;
    if (++block_row_ == block_cols()) next_block();
}

void DmaPlan::next_block() {
    block_writes_ = false;
    block_row_ = 0;
    const std::uint32_t rows = block_rows();
    col_ += block_cols();
    if (col_ == cols_) {
        col_ = 0;
        row_ += rows;
    }
}

} // namespace gradus::ip
