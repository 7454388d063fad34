// SPDX-License-Identifier: Apache-2.0
#include "ip/dma/dma_footprint.h"

#include "ip/dma/dma_check.h"

namespace gradus::ip {

namespace {

DmaInterval rows_at(std::uint64_t base, std::uint64_t rows, std::uint64_t pitch, Bytes row_bytes) {
    return {base, base + (rows - 1) * pitch + (row_bytes - 1)};
}

} // namespace

DmaFootprint::DmaFootprint(std::uint8_t opcode, const dma_body& body) {
    const bool transposes = body.mode & DMA_TRANSPOSE;
    const Bytes in = element_bytes(body.src_format), out = element_bytes(body.dst_format);
    const std::uint64_t in_rows = opcode == DMA_GATHER ? body.index_rows : body.rows;
    const std::uint64_t out_rows = opcode == DMA_SCATTER ? body.index_rows : transposes ? body.cols : body.rows;
    if (opcode != DMA_FILL) source = rows_at(body.src, in_rows, body.src_pitch, body.cols * in);
    if (opcode == DMA_GATHER || opcode == DMA_SCATTER)
        index = rows_at(body.index, body.rows, sizeof(std::uint32_t), sizeof(std::uint32_t));
    destination = rows_at(body.dst, out_rows, body.dst_pitch, (transposes ? body.rows : body.cols) * out);
}

bool DmaFootprint::depends_on(const DmaFootprint& earlier) const {
    for (const DmaInterval& touched : {source, index, destination})
        if (touched.overlaps(earlier.destination)) return true;
    return destination.overlaps(earlier.source) || destination.overlaps(earlier.index);
}

} // namespace gradus::ip
