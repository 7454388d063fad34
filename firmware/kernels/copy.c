/* SPDX-License-Identifier: Apache-2.0 */
/* y = x, by way of the scratchpad, in x's own format: what loads and stores alone cost. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_copy(const struct image_op* op) {
    struct tensor y, x;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    uint32_t rows = op->dims[0], cols = op->dims[1];
    blocks_flatten(&rows, &cols, (const struct tensor*[]){&y, &x}, 2);
    const struct blocks blocks = blocks_of_elements(rows, cols, 1);
    struct tile_sets xs;
    for (uint32_t i = 0; i < blocks.sets; ++i)
        xs.tile[i] = tile_allocate(blocks.rows, blocks.cols, x.format);

    uint32_t set = 0;
    for (uint32_t r = 0; r < rows; r += blocks.rows)
        for (uint32_t c = 0; c < cols; c += blocks.cols, set = blocks_next(&blocks, set)) {
            const uint32_t m = smaller(blocks.rows, rows - r), n = smaller(blocks.cols, cols - c);
            tile_load(&xs.tile[set], &x, r, c, m, n);
            tile_store(&xs.tile[set], &y, r, c, m, n);
        }
}
