/* SPDX-License-Identifier: Apache-2.0 */
/* y = s0 x + s1, or y += that. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_affine(const struct image_op* op) {
    struct result y;
    struct tensor x;
    result_open(&y, 0);
    tensor_open(&x, 1);
    const struct blocks blocks = blocks_of_elements(op, 1 + y.adds, (const struct tensor*[]){&y.tensor, &x}, 2);
    const struct tile_sets xs = blocks_wide(&blocks);
    result_tiles(&y, &blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile* tile = load_next(&at, &xs, &x);
            unary(&at, VECTOR_AFFINE, tile, op->scalar[0], op->scalar[1]);
            store_result(&at, tile, &y);
        }
}
