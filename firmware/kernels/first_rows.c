/* SPDX-License-Identifier: Apache-2.0 */
/* The first row of each sequence, and its gradient, which is zero elsewhere. To the DMA they are rows far apart. */
#include "firmware/hal/fail.h"
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

/* The first rows of sequences of a tensor [sequences * period, cols]. */
static void first_of_each(struct tensor* tensor, uint32_t period) {
    const uint64_t pitch = (uint64_t)tensor->pitch * period;
    if (period == 0 || pitch > UINT32_MAX)
        hal_fail(EXIT_SHAPE, "op %u: sequences of %u rows of %u bytes", runtime.op_number, period, tensor->pitch);
    tensor->pitch = (uint32_t)pitch;
}

static void copy_rows(struct tensor* to, struct tensor* from, uint32_t rows, uint32_t cols) {
    const struct blocks blocks = blocks_of_rows(rows, cols, (struct block_needs){.wide = 1});
    const struct tile_sets tiles = blocks_wide(&blocks);
    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at))
            store(&at, load_next(&at, &tiles, from), to);
}

void kernel_first_rows(const struct image_op* op) {
    struct tensor y, x;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    first_of_each(&x, op->dims[2]);
    copy_rows(&y, &x, op->dims[0], op->dims[1]);
}

void kernel_first_rows_backward(const struct image_op* op) {
    struct tensor dx, dy;
    tensor_open(&dx, 0);
    tensor_open(&dy, 1);
    const uint32_t rows = op->dims[0], cols = op->dims[1], period = op->dims[2];
    tensor_zero(&dx, rows, cols);
    uint32_t zeroed[RUNTIME_STORE_QUEUES];
    tensor_after_stores(&dx, zeroed);
    first_of_each(&dx, period);
    copy_rows(&dx, &dy, rows / period, cols);
}
