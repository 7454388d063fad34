/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stochastic gradient descent with decoupled weight decay, of one parameter tensor:
 *
 *     v = momentum v + g     (g itself where there is no v)
 *     p = p - decay p - step_size v
 */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_sgd(const struct image_op* op) {
    struct tensor parameter, gradient, velocity;
    tensor_open(&parameter, 0);
    tensor_open(&gradient, 1);
    const bool has_velocity = tensor_open_optional(&velocity, 2);
    const uint32_t tensors = 2 + has_velocity;
    const struct image_update* update = &runtime.update;
    const float momentum = op->scalar[0];
    const struct blocks blocks =
        blocks_of_elements(op, tensors, (const struct tensor*[]){&parameter, &gradient, &velocity}, tensors);
    const struct tile_sets ps = blocks_wide(&blocks), gs = blocks_wide(&blocks);
    struct tile_sets vs;
    if (has_velocity) vs = blocks_wide(&blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile *p = load_next(&at, &ps, &parameter), *g = load(&at, &gs, &gradient), *v = g;
            if (has_velocity) {
                v = load(&at, &vs, &velocity);
                blend(&at, v, momentum, g, 1.0f);
                store(&at, v, &velocity);
            }
            blend(&at, p, update->kept, v, update->step_back);
            vector_scalar_follows(0, &update->kept);
            vector_scalar_follows(1, &update->step_back);
            store(&at, p, &parameter);
        }
}
