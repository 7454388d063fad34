/* SPDX-License-Identifier: Apache-2.0 */
/*
 * y = x rstd [* gain] with rstd = 1 / sqrt(mean(x^2) + epsilon) by rows. Rows that fit the arena take one command where
 * the vector unit has it. Rows that do not are read twice.
 */
#include <stddef.h>

#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_rmsnorm(const struct image_op* op) {
    struct tensor y, x, row_rstds;
    struct row_operand gain;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const bool keeps_rstd = tensor_open_optional(&row_rstds, 2);
    row_open(&gain, 3);
    const struct block_needs needs = {.wide = 1, .narrow = 2, .kept = gain.present};
    const struct blocks blocks = blocks_of_rows(op->dims[0], op->dims[1], needs);
    const struct tile_sets xs = blocks_wide(&blocks), rstds = blocks_narrow(&blocks), parts = blocks_narrow(&blocks);
    row_tiles(&gain, &blocks);
    const bool by_command = blocks.whole && runtime.vector_features & INFO_VECTOR_RMSNORM;
    const float inverse = 1.0f / (float)blocks.cols, epsilon = op->scalar[0];

    struct at at = at_start(&blocks);
    while (next_rows(&at)) {
        const struct tile *rstd = narrow(&at, &rstds), *part = narrow(&at, &parts), *tile = NULL;
        while (next_chunk(&at)) {
            tile = load_next(&at, &xs, &x);
            if (by_command)
                vector_rmsnorm(at.rows, at.cols, tile, tile, rstd, inverse, epsilon);
            else
                row_dot(&at, rstd, part, tile, tile);
        }
        if (!by_command) {
            narrow_unary(&at, VECTOR_AFFINE, rstd, inverse, epsilon);
            narrow_unary(&at, VECTOR_RSQRT, rstd, 0, 0);
        }
        if (keeps_rstd) store_narrow(&at, rstd, &row_rstds);
        while (next_chunk(&at)) {
            if (!blocks.whole) tile = load_next(&at, &xs, &x);
            if (!by_command) by_row(&at, VECTOR_MUL, tile, rstd);
            by_column(&at, VECTOR_MUL, tile, &gain);
            store(&at, tile, &y);
        }
    }
}
