// SPDX-License-Identifier: Apache-2.0
#include "platform/verify/written.h"

#include <cstring>

#include "ip/common/element.h"
#include "ip/dma/dma_command.h"

namespace gradus::verify {

namespace {

std::vector<std::uint64_t> rows_of(std::uint8_t opcode, const dma_body& body, const ReadMemory& read) {
    std::vector<std::uint64_t> rows(body.mode & DMA_TRANSPOSE ? body.cols : body.rows);
    std::vector<std::uint32_t> index(opcode == DMA_SCATTER ? rows.size() : 0);
    if (!index.empty()) read(body.index, index.data(), index.size() * sizeof index.front());
    for (std::size_t row = 0; row < rows.size(); ++row)
        rows[row] =
            body.dst + std::uint64_t{index.empty() ? static_cast<std::uint32_t>(row) : index[row]} * body.dst_pitch;
    return rows;
}

} // namespace

std::optional<Written> written_by(const command& descriptor, ip::AddressRange dram, const ReadMemory& read) {
    dma_body body;
    std::memcpy(&body, descriptor.body, sizeof body);
    if (!dram.contains(body.dst, 1)) return std::nullopt;
    Written written;
    written.descriptor = descriptor;
    written.rows = rows_of(descriptor.header.opcode, body, read);
    written.row_bytes = (body.mode & DMA_TRANSPOSE ? body.rows : body.cols) * ip::element_bytes(body.dst_format);
    written.data.resize(written.rows.size() * written.row_bytes);
    for (std::size_t row = 0; row < written.rows.size(); ++row)
        read(written.rows[row], written.data.data() + row * written.row_bytes, written.row_bytes);
    return written;
}

} // namespace gradus::verify
