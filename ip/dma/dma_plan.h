// SPDX-License-Identifier: Apache-2.0
// How a DMA command is split into steps, one after the other and never all at once: a command of 2^32 rows costs no
// more memory than one of a single row.
//
// - A row is split into bursts, none of which is longer than burst_bytes on either side. Rows that follow each other
//   without a gap on both sides are one long row. No burst crosses a multiple of align_bytes on either side; a burst is
//   one read and one write of the same elements, so that both sides are split where either has a boundary.
// - Gather and scatter read a burst of indices, then move the rows it names; then comes the next burst of indices.
// - A transposition goes through one buffer of up to 64 x 64 elements (fewer where a row of it would be longer than a
//   burst): the rows of a block of the source are read, then the rows of the destination are written. Reads and writes
//   of two blocks do not overlap.
// - With DMA_ACCUMULATE the bursts go one at a time, because rows may alias.
#pragma once

#include <cstdint>
#include <vector>

#include "ip/common/units.h"
#include "ip/dma/dma_command.h"

namespace gradus::ip {

struct DmaStep {
    enum class Kind : std::uint8_t {
        move,            ///< read `elements` at `read`, convert them, write them at `write`
        accumulate,      ///< read both, add, write
        fill,            ///< write `elements` times the fill value at `write`
        read_indices,    ///< read `elements` indices at `read` into DmaPlan::indices()
        bad_index,       ///< an index was not below index_rows: the command cannot go on
        read_block_row,  ///< read `elements` of row `block_row` of the transposing buffer at `read`
        write_block_row, ///< write `elements` of column `block_row` of the buffer at `write`
    };
    Kind kind = Kind::move;
    bool new_row = false; ///< the first step of a row that is not the command's first
    std::uint64_t read = 0;
    std::uint64_t write = 0; ///< of read_block_row: where the block's first row will go
    std::uint32_t elements = 0;
    std::uint32_t block_row = 0;
    std::uint32_t block_offset = 0; ///< of the first element in that row or column
};

class DmaPlan {
public:
    static constexpr std::uint32_t block_edge = 64;

    /// For a command that dma_check let through. `burst_bytes` is at least 1; a burst holds at least one element.
    /// `align_bytes` is a multiple of every element's size, or 0: no boundary.
    DmaPlan(std::uint8_t opcode, const dma_body& body, Bytes burst_bytes, Bytes align_bytes = 0);

    bool done() const { return row_ == rows_; }
    /// Whether the next step may start only when all earlier ones are finished.
    bool next_needs_quiet() const;
    /// The next step. Not to be called when done(); after bad_index the plan is done.
    DmaStep next();

    /// Where a read_indices step puts what it read.
    std::uint32_t* indices() { return indices_.data(); }

private:
    bool indexed() const { return opcode_ == DMA_GATHER || opcode_ == DMA_SCATTER; }
    bool transposes() const { return body_.mode & DMA_TRANSPOSE; }
    void merge_gapless_rows();
    DmaStep next_burst();
    DmaStep next_indices();
    DmaStep next_of_block();
    void read_block(DmaStep& step);
    void write_block(DmaStep& step);
    void next_block();
    std::uint32_t up_to_boundary(std::uint64_t elements, std::uint64_t address, Bytes element) const;
    std::uint32_t block_rows() const;
    std::uint32_t block_cols() const;

    const std::uint8_t opcode_;
    const dma_body body_;
    const Bytes src_element_;
    const Bytes dst_element_;
    const Bytes align_bytes_;
    const std::uint32_t burst_elements_;
    const std::uint32_t burst_indices_;
    std::uint64_t rows_;
    std::uint64_t cols_;

    std::uint64_t row_ = 0; ///< of the next burst or block
    std::uint64_t col_ = 0;
    std::uint64_t indices_begin_ = 0; ///< rows whose indices are at hand
    std::uint64_t indices_end_ = 0;
    std::vector<std::uint32_t> indices_;
    bool block_writes_ = false;
    std::uint32_t block_row_ = 0;
    std::uint32_t block_offset_ = 0;
};

} // namespace gradus::ip
