/* SPDX-License-Identifier: Apache-2.0 */
/* y[c] = sum over r of x[r, c], or y += it: the gradient of a bias. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_column_sum(const struct image_op* op) {
    struct column_sum y;
    struct tensor x;
    tensor_open(&y.tensor, 0);
    y.present = true;
    y.adds = operand_accumulates(op, 0);
    tensor_open(&x, 1);
    const struct block_needs needs = {.wide = 1, .kept = COLUMN_SUM_KEPT};
    const struct blocks blocks = blocks_of_rows(op->dims[0], op->dims[1], needs);
    const struct tile_sets xs = blocks_wide(&blocks);
    column_sum_tiles(&y, &blocks);

    struct at at = at_start(&blocks);
    while (next_chunk(&at)) {
        while (next_rows(&at))
            add_columns(&at, &y, load_next(&at, &xs, &x));
        store_columns(&y, at.col, at.cols);
    }
}
