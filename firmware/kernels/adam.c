/* SPDX-License-Identifier: Apache-2.0 */
/* The optimizer's update of one parameter tensor and its moments, see VECTOR_ADAM. */
#include "firmware/kernels/kernels.h"
#include "firmware/kernels/update.h"

COMMAND_INLINE void adam(const struct image_op* op, bool is_mixed) {
    struct tensor parameter, gradient, first, second; /* moments */
    struct mixed mixed;
    tensor_open(&parameter, 0);
    tensor_open(&gradient, 1);
    tensor_open(&first, 2);
    tensor_open(&second, 3);
    if (is_mixed) mixed_open(&mixed, 4);
    const struct blocks blocks =
        is_mixed && mixed.has_weight
            ? blocks_of_elements(op, 4, (const struct tensor*[]){&parameter, &gradient, &first, &second, &mixed.weight},
                                 5)
            : blocks_of_elements(op, 4, (const struct tensor*[]){&parameter, &gradient, &first, &second}, 4);
    const struct tile_sets ps = blocks_wide(&blocks), gs = blocks_wide(&blocks), ms = blocks_wide(&blocks),
                           vs = blocks_wide(&blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile *p = load_next(&at, &ps, &parameter), *g = load(&at, &gs, &gradient),
                              *m = load(&at, &ms, &first), *v = load(&at, &vs, &second);
            if (is_mixed) mixed_scale(&mixed, &at, g);
            vector_adam(at.rows * at.cols, p, g, m, v, op->scalar); /* a block's tiles have no gaps */
            store(&at, p, &parameter);
            if (is_mixed) mixed_store(&mixed, &at, p);
            store(&at, m, &first);
            store(&at, v, &second);
        }
}

void kernel_adam(const struct image_op* op) { adam(op, false); }
void kernel_adam_mixed(const struct image_op* op) { adam(op, true); }
