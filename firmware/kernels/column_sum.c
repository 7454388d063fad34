/* SPDX-License-Identifier: Apache-2.0 */
/* y[c] = sum over r of x[r, c]: the gradient of a bias. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_column_sum(const struct image_op* op) {
    struct tensor y, x;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const uint32_t rows = op->dims[0], cols = op->dims[1];
    const struct blocks blocks = blocks_of_rows(rows, cols, (struct block_needs){.wide = 1, .kept = 3});
    const struct tile_sets xs = blocks_wide(&blocks);
    const struct tile sums[] = {tile_allocate(1, blocks.cols, FORMAT_FP32), tile_allocate(1, blocks.cols, FORMAT_FP32)};
    const struct tile part = tile_allocate(1, blocks.cols, FORMAT_FP32);

    uint32_t set = 0, turn = 0;
    for (uint32_t c = 0; c < cols; c += blocks.cols, turn ^= 1) {
        const uint32_t n = smaller(blocks.cols, cols - c);
        const struct tile* sum = &sums[turn];
        for (uint32_t r = 0; r < rows; r += blocks.rows, set = blocks_next(&blocks, set)) {
            const uint32_t m = smaller(blocks.rows, rows - r);
            tile_load(&xs.tile[set], &x, r, c, m, n);
            vector_unary(VECTOR_COLUMN_SUM, m, n, r ? &part : sum, &xs.tile[set], 0, 0);
            if (r) vector_binary(VECTOR_ADD, 1, n, sum, sum, &part);
        }
        tile_store(sum, &y, 0, c, 1, n);
    }
}
