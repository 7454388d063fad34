/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kernels of all optimizers have in common: a parameter and its gradient, and in their form for mixed precision a
 * factor that the gradient is multiplied by, and the parameter once more as forward and backward read it. Each may be
 * missing. All of it is inline: the plain form knows nothing of the other.
 */
#ifndef GRADUS_FIRMWARE_KERNELS_UPDATE_H
#define GRADUS_FIRMWARE_KERNELS_UPDATE_H

#include "firmware/kernels/blocks.h"

struct mixed {
    struct tensor weight, factor;
    bool has_weight, has_factor;
    struct tile value; /* of the factor */
};

/* They are operands `first` and the next one. Takes a tile, before blocks are cut. */
COMMAND_INLINE void mixed_open(struct mixed* mixed, uint32_t first) {
    mixed->has_weight = tensor_open_optional(&mixed->weight, first);
    mixed->has_factor = tensor_open_optional(&mixed->factor, first + 1);
    if (!mixed->has_factor) return;
    mixed->value = tile_allocate(1, 1, FORMAT_FP32);
    tile_load(&mixed->value, &mixed->factor, 0, 0, 1, 1);
}

/* g = factor g; the factor is one value for a single row, so rows go one by one. */
COMMAND_INLINE void mixed_scale(const struct mixed* mixed, const struct at* at, const struct tile* g) {
    if (!mixed->has_factor) return;
    for (uint32_t row = 0; row < at->rows; ++row) {
        const struct tile view = tile_view(g, row, 0);
        vector_by_row(VECTOR_MUL, 1, at->cols, &view, &view, &mixed->value);
    }
}

COMMAND_INLINE void mixed_store(struct mixed* mixed, const struct at* at, const struct tile* p) {
    if (mixed->has_weight) store(at, p, &mixed->weight);
}

#endif
