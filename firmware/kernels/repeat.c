/* SPDX-License-Identifier: Apache-2.0 */
/* Each head of x, `group` times side by side, and the sum of such heads. */
#include "firmware/hal/fail.h"
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

static void check(const struct image_op* op) {
    if (op->dims[2] == 0 || op->dims[3] == 0 || op->dims[1] % op->dims[2])
        hal_fail(EXIT_IMAGE, "op %u: %u columns are no heads of %u, %u at a time", runtime.op_number, op->dims[1],
                 op->dims[2], op->dims[3]);
}

void kernel_repeat(const struct image_op* op) {
    check(op);
    struct tensor y, x;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const uint32_t head = op->dims[2], group = op->dims[3], cols = op->dims[1] / group;
    const struct blocks blocks = blocks_of_rows(op->dims[0], head, (struct block_needs){.wide = 1});
    const struct tile_sets xs = blocks_wide(&blocks);

    struct at at = at_start(&blocks);
    for (uint32_t col = 0; col < cols; col += head)
        while (next_rows(&at))
            while (next_chunk(&at)) {
                next_tiles(&at);
                const struct tile* tile = wide(&at, &xs);
                tile_load(tile, &x, at.row, col + at.col, at.rows, at.cols);
                for (uint32_t i = 0; i < group; ++i)
                    tile_store(tile, &y, at.row, col * group + i * head + at.col, at.rows, at.cols);
            }
}

void kernel_repeat_backward(const struct image_op* op) {
    check(op);
    struct tensor dx, dy;
    tensor_open(&dx, 0);
    tensor_open(&dy, 1);
    const uint32_t head = op->dims[2], group = op->dims[3], cols = op->dims[1];
    const struct blocks blocks = blocks_of_rows(op->dims[0], head, (struct block_needs){.wide = 3});
    const struct tile_sets sums = blocks_wide(&blocks), others[] = {blocks_wide(&blocks), blocks_wide(&blocks)};

    struct at at = at_start(&blocks);
    for (uint32_t col = 0; col < cols; col += head)
        while (next_rows(&at))
            while (next_chunk(&at)) {
                next_tiles(&at);
                const struct tile* sum = wide(&at, &sums);
                for (uint32_t i = 0; i < group; ++i) {
                    const struct tile* tile = i ? wide(&at, &others[i % 2]) : sum;
                    tile_load(tile, &dy, at.row, col * group + i * head + at.col, at.rows, at.cols);
                    if (i) binary(&at, VECTOR_ADD, sum, tile);
                }
                tile_store(sum, &dx, at.row, col + at.col, at.rows, at.cols);
            }
}
