// SPDX-License-Identifier: Apache-2.0
#include "ip/dma/dma_check.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace gradus::ip {

namespace {

using Finding = std::optional<CommandError>;

CommandError bad_value(std::uint32_t field) { return {QUEUE_ERROR_VALUE, field}; }
CommandError bad_address(std::uint32_t field) { return {QUEUE_ERROR_ADDRESS, field}; }

/// Rows of `row_bytes` from `base` on, `pitch` apart, all below 2^64. The pitch and the number of rows have 32 bits, so
/// that their product cannot overflow.
bool fits(std::uint64_t base, std::uint64_t rows, std::uint64_t pitch, Bytes row_bytes) {
    const std::uint64_t last_row = (rows - 1) * pitch;
    const std::uint64_t room = ~std::uint64_t{0} - base;
    return last_row <= room && row_bytes - 1 <= room - last_row;
}

Finding check_mode(std::uint8_t opcode, const dma_body& body) {
    const bool transposes = body.mode & DMA_TRANSPOSE;
    const bool accumulates = body.mode & DMA_ACCUMULATE;
    if (body.mode & ~(DMA_TRANSPOSE | DMA_ACCUMULATE)) return bad_value(DMA_FIELD(mode));
    if (transposes && (opcode != DMA_COPY || accumulates)) return bad_value(DMA_FIELD(mode));
    if (accumulates && opcode != DMA_COPY && opcode != DMA_SCATTER) return bad_value(DMA_FIELD(mode));
    return {};
}

Finding check_formats(std::uint8_t opcode, const dma_body& body) {
    const bool fp32_only = opcode == DMA_FILL || (body.mode & DMA_ACCUMULATE);
    const std::uint8_t last = fp32_only ? FORMAT_FP32 : FORMAT_BF16;
    if (body.src_format > last) return bad_value(DMA_FIELD(src_format));
    if (body.dst_format > last) return bad_value(DMA_FIELD(dst_format));
    return {};
}

Finding check_shape(bool indexed, const dma_body& body) {
    if (body.rows == 0) return bad_value(DMA_FIELD(rows));
    if (body.cols == 0) return bad_value(DMA_FIELD(cols));
    if (indexed && body.index_rows == 0) return bad_value(DMA_FIELD(index_rows));
    return {};
}

Finding check_source(std::uint8_t opcode, const dma_body& body) {
    const Bytes element = element_bytes(body.src_format);
    const std::uint64_t rows = opcode == DMA_GATHER ? body.index_rows : body.rows;
    if (body.src % element) return bad_address(DMA_FIELD(src));
    if (body.src_pitch % element) return bad_address(DMA_FIELD(src_pitch));
    if (!fits(body.src, rows, body.src_pitch, body.cols * element)) return bad_address(DMA_FIELD(src));
    return {};
}

Finding check_destination(std::uint8_t opcode, const dma_body& body) {
    const Bytes element = element_bytes(body.dst_format);
    const bool transposes = body.mode & DMA_TRANSPOSE;
    const std::uint64_t rows = opcode == DMA_SCATTER ? body.index_rows : transposes ? body.cols : body.rows;
    const std::uint64_t cols = transposes ? body.rows : body.cols;
    if (body.dst % element) return bad_address(DMA_FIELD(dst));
    if (body.dst_pitch % element) return bad_address(DMA_FIELD(dst_pitch));
    if (!fits(body.dst, rows, body.dst_pitch, cols * element)) return bad_address(DMA_FIELD(dst));
    return {};
}

Finding check_index(const dma_body& body) {
    constexpr Bytes entry = sizeof(std::uint32_t);
    if (body.index % entry || !fits(body.index, body.rows, entry, entry)) return bad_address(DMA_FIELD(index));
    return {};
}

} // namespace

std::optional<CommandError> dma_check(std::uint8_t opcode, const dma_body& body) {
    if (opcode < DMA_COPY || opcode > DMA_FILL)
        return CommandError{QUEUE_ERROR_OPCODE, offsetof(command_header, opcode)};
    const bool indexed = opcode == DMA_GATHER || opcode == DMA_SCATTER;
    if (const auto finding = check_mode(opcode, body)) return finding;
    if (const auto finding = check_formats(opcode, body)) return finding;
    if (const auto finding = check_shape(indexed, body)) return finding;
    if (opcode != DMA_FILL) {
        if (const auto finding = check_source(opcode, body)) return finding;
    }
    if (const auto finding = check_destination(opcode, body)) return finding;
    if (indexed) {
        if (const auto finding = check_index(body)) return finding;
    }
    const auto* set =
        std::find_if(std::begin(body.reserved), std::end(body.reserved), [](auto byte) { return byte != 0; });
    if (set == std::end(body.reserved)) return {};
    return bad_value(DMA_FIELD(reserved) + static_cast<std::uint32_t>(set - std::begin(body.reserved)));
}

} // namespace gradus::ip
