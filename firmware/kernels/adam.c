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
    const struct image_update* update = &runtime.update;
    const float scalar[6] = {op->scalar[0],     op->scalar[1],      op->scalar[2],
                             update->step_size, update->correction, update->decay};
    const struct blocks blocks =
        blocks_of_elements(op, 4, (const struct tensor*[]){&parameter, &gradient, &first, &second}, 4);
    const struct tile_sets ps = blocks_wide(&blocks), gs = blocks_wide(&blocks), ms = blocks_wide(&blocks),
                           vs = blocks_wide(&blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile *p = load_next(&at, &ps, &parameter), *g = load(&at, &gs, &gradient),
                              *m = load(&at, &ms, &first), *v = load(&at, &vs, &second);
            vector_adam(at.rows * at.cols, p, g, m, v, scalar); /* a block's tiles have no gaps */
            vector_scalar_follows(3, &update->step_size);
            vector_scalar_follows(4, &update->correction);
            vector_scalar_follows(5, &update->decay);
            store(&at, p, &parameter);
            store(&at, m, &first);
            store(&at, v, &second);
        }
}
