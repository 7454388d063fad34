/* SPDX-License-Identifier: Apache-2.0 */
/* y = cap tanh(s x / cap) as cap - 2 cap / (exp(2 s x / cap) + 1), and dx = s (1 - (y / cap)^2) dy. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_softcap(const struct image_op* op) {
    struct tensor y, x;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const float cap = op->scalar[0], scale = op->scalar[1];
    const struct blocks blocks = blocks_of_elements(op, 1, (const struct tensor*[]){&y, &x}, 2);
    const struct tile_sets xs = blocks_wide(&blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile* tile = load_next(&at, &xs, &x);
            unary(&at, VECTOR_AFFINE, tile, 2.0f * scale / cap, 0);
            unary(&at, VECTOR_EXP, tile, 0, 0);
            unary(&at, VECTOR_AFFINE, tile, 1.0f, 1.0f);
            unary(&at, VECTOR_RECIPROCAL, tile, 0, 0);
            unary(&at, VECTOR_AFFINE, tile, -2.0f * cap, cap);
            store(&at, tile, &y);
        }
}

void kernel_softcap_backward(const struct image_op* op) {
    struct result dx;
    struct tensor dy, y;
    result_open(&dx, 0);
    tensor_open(&dy, 1);
    tensor_open(&y, 2);
    const float cap = op->scalar[0], scale = op->scalar[1];
    const struct blocks blocks = blocks_of_elements(op, 2 + dx.adds, (const struct tensor*[]){&dx.tensor, &dy, &y}, 3);
    const struct tile_sets dys = blocks_wide(&blocks), ys = blocks_wide(&blocks);
    result_tiles(&dx, &blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile *gradient = load_next(&at, &dys, &dy), *slope = load(&at, &ys, &y);
            binary(&at, VECTOR_MUL, slope, slope);
            unary(&at, VECTOR_AFFINE, slope, -scale / (cap * cap), scale);
            binary(&at, VECTOR_MUL, gradient, slope);
            store_result(&at, gradient, &dx);
        }
}
