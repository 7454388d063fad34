/* SPDX-License-Identifier: Apache-2.0 */
/* y = a + b, or y += a + b. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_add(const struct image_op* op) {
    struct tensor y, a, b;
    tensor_open(&y, 0);
    tensor_open(&a, 1);
    tensor_open(&b, 2);
    const bool accumulate = operand_accumulates(op, 0);
    uint32_t rows = op->dims[0], cols = op->dims[1];
    blocks_flatten(&rows, &cols, (const struct tensor*[]){&y, &a, &b}, 3);
    const struct blocks blocks = blocks_of_elements(rows, cols, accumulate ? 3 : 2);
    const struct tile_sets as = blocks_wide(&blocks), bs = blocks_wide(&blocks);
    struct tile_sets ys;
    if (accumulate) ys = blocks_wide(&blocks);

    uint32_t set = 0;
    for (uint32_t r = 0; r < rows; r += blocks.rows)
        for (uint32_t c = 0; c < cols; c += blocks.cols, set = blocks_next(&blocks, set)) {
            const uint32_t m = smaller(blocks.rows, rows - r), n = smaller(blocks.cols, cols - c);
            const struct tile* sum = &as.tile[set];
            tile_load(sum, &a, r, c, m, n);
            tile_load(&bs.tile[set], &b, r, c, m, n);
            vector_binary(VECTOR_ADD, m, n, sum, sum, &bs.tile[set]);
            if (accumulate) {
                tile_load(&ys.tile[set], &y, r, c, m, n);
                vector_binary(VECTOR_ADD, m, n, sum, sum, &ys.tile[set]);
            }
            tile_store(sum, &y, r, c, m, n);
        }
}
