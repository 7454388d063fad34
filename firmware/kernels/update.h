/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An optimizer's update of one parameter tensor: what kernels of all optimizers have in common. They load the
 * parameter,
 * its gradient and what the optimizer keeps of it, compute, and store all but the gradient. In the form for mixed
 * precision there are two more operands, each of which may be missing: a factor that the gradient is multiplied by, and
 * the parameter once more, as forward and backward read it.
 */
#ifndef GRADUS_FIRMWARE_KERNELS_UPDATE_H
#define GRADUS_FIRMWARE_KERNELS_UPDATE_H

#include "firmware/kernels/blocks.h"

#define UPDATE_STATES 4u

struct update {
    const struct image_op* op;
    struct tensor states[UPDATE_STATES]; /* parameter, gradient, what is kept */
    uint32_t count;                      /* of them */
    struct tensor weight, factor;
    bool has_weight, has_factor;
    struct tile value; /* of the factor */
};

/* Takes a tile if there is a factor, before others do. */
void update_open(struct update* update, const struct image_op* op);

/* All of it, as fast as the scratchpad has room. */
void update_run(struct update* update);

/*
 * In two parts, of an operator that fits into the arena at once: so that the vector unit is not made to wait for what
 * is
 * still on its way, others' commands can come between. Tiles stay with the second part.
 */
struct update_slice {
    struct update update;
    struct tile tiles[UPDATE_STATES];
};
void update_slice_load(struct update_slice* slice, const struct image_op* op);
void update_slice_finish(struct update_slice* slice);

#endif
