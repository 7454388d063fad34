/* SPDX-License-Identifier: Apache-2.0 */
/*
 * y = (x - mean) rstd [* gain] [+ bias] with rstd = 1 / sqrt(mean((x - mean)^2) + epsilon) by rows. Rows that do not
 * fit the arena are read three times: for the mean, for the variance, for the result.
 */
#include <stddef.h>

#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_layernorm(const struct image_op* op) {
    struct tensor y, x, row_means, row_rstds;
    struct row_operand gain, bias;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const bool keeps_mean = tensor_open_optional(&row_means, 2), keeps_rstd = tensor_open_optional(&row_rstds, 3);
    row_open(&gain, 4);
    row_open(&bias, 5);
    const struct block_needs needs = {.wide = 1, .narrow = 3, .kept = gain.present + bias.present};
    const struct blocks blocks = blocks_of_rows(op->dims[0], op->dims[1], needs);
    const struct tile_sets xs = blocks_wide(&blocks);
    row_tiles(&gain, &blocks);
    row_tiles(&bias, &blocks);
    const struct tile_sets means = blocks_narrow(&blocks), rstds = blocks_narrow(&blocks),
                           parts = blocks_narrow(&blocks);
    const float inverse = 1.0f / (float)blocks.cols;

    struct at at = at_start(&blocks);
    while (next_rows(&at)) {
        const struct tile *mean = narrow(&at, &means), *rstd = narrow(&at, &rstds), *part = narrow(&at, &parts);
        const struct tile* tile = NULL;
        while (next_chunk(&at)) {
            tile = load_next(&at, &xs, &x);
            row_sum(&at, mean, part, tile);
        }
        narrow_unary(&at, VECTOR_AFFINE, mean, inverse, 0);
        if (keeps_mean) store_narrow(&at, mean, &row_means);
        while (next_chunk(&at)) {
            if (!blocks.whole) tile = load_next(&at, &xs, &x);
            by_row(&at, VECTOR_SUB, tile, mean);
            row_dot(&at, rstd, part, tile, tile);
        }
        narrow_unary(&at, VECTOR_AFFINE, rstd, inverse, op->scalar[0]);
        narrow_unary(&at, VECTOR_RSQRT, rstd, 0, 0);
        if (keeps_rstd) store_narrow(&at, rstd, &row_rstds);
        while (next_chunk(&at)) {
            if (!blocks.whole) {
                tile = load_next(&at, &xs, &x);
                by_row(&at, VECTOR_SUB, tile, mean);
            }
            by_row(&at, VECTOR_MUL, tile, rstd);
            by_column(&at, VECTOR_MUL, tile, &gain);
            by_column(&at, VECTOR_ADD, tile, &bias);
            store(&at, tile, &y);
        }
    }
}
