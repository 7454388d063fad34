/* SPDX-License-Identifier: Apache-2.0 */
/* The optimizer's update of one parameter tensor and its moments, see VECTOR_ADAM. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_adam(const struct image_op* op) {
    struct tensor parameter, gradient, first, second; /* moments */
    tensor_open(&parameter, 0);
    tensor_open(&gradient, 1);
    tensor_open(&first, 2);
    tensor_open(&second, 3);
    const struct blocks blocks =
        blocks_of_elements(op, 4, (const struct tensor*[]){&parameter, &gradient, &first, &second}, 4);
    const struct tile_sets ps = blocks_wide(&blocks), gs = blocks_wide(&blocks), ms = blocks_wide(&blocks),
                           vs = blocks_wide(&blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile *p = load_next(&at, &ps, &parameter), *g = load(&at, &gs, &gradient),
                              *m = load(&at, &ms, &first), *v = load(&at, &vs, &second);
            vector_adam(at.rows * at.cols, p, g, m, v, op->scalar); /* a block's tiles have no gaps */
            store(&at, p, &parameter);
            store(&at, m, &first);
            store(&at, v, &second);
        }
}
