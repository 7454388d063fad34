/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stochastic gradient descent with decoupled weight decay, of one parameter tensor:
 *
 *     v = momentum v + g     (g itself where there is no v)
 *     p = p - decay p - step_size v
 */
#include "firmware/kernels/kernels.h"
#include "firmware/kernels/update.h"

COMMAND_INLINE void sgd(const struct image_op* op, bool is_mixed) {
    struct tensor parameter, gradient, velocity;
    struct mixed mixed;
    tensor_open(&parameter, 0);
    tensor_open(&gradient, 1);
    const bool has_velocity = tensor_open_optional(&velocity, 2);
    if (is_mixed) mixed_open(&mixed, 3);
    const bool has_weight = is_mixed && mixed.has_weight;
    const uint32_t wide = 2 + has_velocity;
    const struct image_update* update = &runtime.update;
    const float momentum = op->scalar[0];
    const struct tensor* const last = has_velocity ? &velocity : &gradient;
    const struct blocks blocks =
        has_weight
            ? blocks_of_elements(op, wide, (const struct tensor*[]){&parameter, &gradient, &mixed.weight, last}, 4)
            : blocks_of_elements(op, wide, (const struct tensor*[]){&parameter, &gradient, &velocity}, wide);
    const struct tile_sets ps = blocks_wide(&blocks), gs = blocks_wide(&blocks);
    struct tile_sets vs;
    if (has_velocity) vs = blocks_wide(&blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile *p = load_next(&at, &ps, &parameter), *g = load(&at, &gs, &gradient), *v = g;
            if (is_mixed) mixed_scale(&mixed, &at, g);
            if (has_velocity) {
                v = load(&at, &vs, &velocity);
                blend(&at, v, momentum, g, 1.0f);
                store(&at, v, &velocity);
            }
            blend(&at, p, update->kept, v, update->step_back);
            vector_scalar_follows(0, &update->kept);
            vector_scalar_follows(1, &update->step_back);
            store(&at, p, &parameter);
            if (is_mixed) mixed_store(&mixed, &at, p);
        }
}

void kernel_sgd(const struct image_op* op) { sgd(op, false); }
void kernel_sgd_mixed(const struct image_op* op) { sgd(op, true); }
