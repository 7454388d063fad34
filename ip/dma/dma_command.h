/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programming interface of a DMA channel: opcodes and the body of its descriptors.
 * Elements are 4 bytes (FORMAT_FP32) or 2 (FORMAT_BF16). Addresses are aligned to the element.
 */
#ifndef GRADUS_IP_DMA_DMA_COMMAND_H
#define GRADUS_IP_DMA_DMA_COMMAND_H

#include "ip/common/command.h"

/* dst[r, c] = src[r, c]; with DMA_TRANSPOSE dst[c, r] = src[r, c]; with DMA_ACCUMULATE += (both formats fp32). */
#define DMA_COPY 1u
/* dst[r, c] = src[index[r], c] */
#define DMA_GATHER 2u
/* dst[index[r], c] = src[r, c]; with DMA_ACCUMULATE += */
#define DMA_SCATTER 3u
/* dst[r, c] = fill (32 bits, as stored; FORMAT_FP32 only) */
#define DMA_FILL 4u

/* dma_body.mode */
#define DMA_TRANSPOSE 0x01u /* copy only */
#define DMA_ACCUMULATE                                                                                                 \
    0x02u /* copy (not transposed) and scatter, both formats fp32. Rows go one at a time: they may alias */

struct dma_body {
    uint64_t src;
    uint64_t dst;
    uint64_t index;     /* uint32_t[rows], 4-byte aligned; gather and scatter only */
    uint32_t rows;      /* of the source; 1 or more */
    uint32_t cols;      /* elements a row; 1 or more */
    uint32_t src_pitch; /* bytes from row to row */
    uint32_t dst_pitch;
    uint32_t index_rows; /* indices must be below this */
    uint32_t fill;
    uint8_t src_format; /* FORMAT_* */
    uint8_t dst_format;
    uint8_t mode;         /* DMA_TRANSPOSE | DMA_ACCUMULATE */
    uint8_t reserved[29]; /* must be zero */
};

#endif
