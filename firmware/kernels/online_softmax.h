/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The softmax of columns whose rows come block by block. Of each column, its maximum so far is kept, and the sum of
 * exponentials below it; what has been summed up is scaled down whenever a larger value comes:
 *
 *     m' = max(m, block)   s' = s exp(m - m') + sum of exp(block - m')
 *
 * Source: Milakov and Gimelshein, Online normalizer calculation for softmax, 2018. A column needs no tree over the
 * lanes for its maximum and its sum, as a row does.
 */
#ifndef GRADUS_FIRMWARE_KERNELS_ONLINE_SOFTMAX_H
#define GRADUS_FIRMWARE_KERNELS_ONLINE_SOFTMAX_H

#include "firmware/runtime/compute.h"

/* The vector unit has commands for the maxima of columns, and for their exponentials with the sums. */
static inline bool online_softmax_by_command(void) { return runtime.vector_features & INFO_VECTOR_COLUMNS; }

struct online_softmax {
    struct tile halves; /* [half of a block's rows, columns]; none where the vector unit has columns' commands */
    struct tile part;   /* [columns]; anybody's between two blocks */
    struct tile decay;  /* [columns]: exp(m - m') of the last block, where several come */
};

/* Takes its tiles, for blocks [rows, cols]. */
void online_softmax_tiles(struct online_softmax* o, uint32_t rows, uint32_t cols, bool several);
uint64_t online_softmax_bytes(uint32_t rows, uint32_t cols, bool several);

/* A block without gaps becomes exp(block - m'). m and s, [cols], begin with the first block. */
void online_softmax_add(const struct online_softmax* o, uint32_t rows, uint32_t cols, const struct tile* block,
                        const struct tile* maxima, const struct tile* sums, bool first);

/* sums = m + log s */
void online_softmax_log(uint32_t cols, const struct tile* maxima, const struct tile* sums);

#endif
