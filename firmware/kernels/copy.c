/* SPDX-License-Identifier: Apache-2.0 */
/* y = x, by way of the scratchpad, in x's own format: what loads and stores alone cost. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_copy(const struct image_op* op) {
    struct tensor y, x;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const struct blocks blocks = blocks_of_elements(op, 1, (const struct tensor*[]){&y, &x}, 2);
    struct tile_sets xs;
    for (uint32_t i = 0; i < blocks.sets; ++i)
        xs.tile[i] = tile_allocate(blocks.block_rows, blocks.block_cols, x.format);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at))
            store(&at, load_next(&at, &xs, &x), &y);
}
