/* SPDX-License-Identifier: Apache-2.0 */
/* sum = sum of x^2 over all of x, or sum += it, and factor = min(most, limit / sqrt(squares)). */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_square_sum(const struct image_op* op) {
    struct tensor y, x;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const struct tile sum = tile_allocate(1, 1, FORMAT_FP32), part = tile_allocate(1, 1, FORMAT_FP32);
    const struct blocks blocks = blocks_of_rows(op->dims[0], op->dims[1], (struct block_needs){.wide = 1, .narrow = 1});
    const struct tile_sets xs = blocks_wide(&blocks), rows = blocks_narrow(&blocks);

    bool first = !operand_accumulates(op, 0);
    if (!first) tile_load(&sum, &y, 0, 0, 1, 1);
    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile *tile = load_next(&at, &xs, &x), *row = narrow(&at, &rows);
            vector_binary(VECTOR_ROW_DOT, at.rows, at.cols, row, tile, tile);
            vector_unary(VECTOR_ROW_SUM, 1, at.rows, first ? &sum : &part, row, 0, 0);
            if (!first) vector_binary(VECTOR_ADD, 1, 1, &sum, &sum, &part);
            first = false;
        }
    tile_store(&sum, &y, 0, 0, 1, 1);
}

/* As -max(-most, -limit / sqrt(squares)): most where all gradients are zero. */
void kernel_clip(const struct image_op* op) {
    struct tensor factor, squares;
    tensor_open(&factor, 0);
    tensor_open(&squares, 1);
    const struct tile value = tile_allocate(1, 1, FORMAT_FP32), bound = tile_allocate(1, 1, FORMAT_FP32);
    tile_fill(&bound, 1, 1, -op->scalar[1]);
    tile_load(&value, &squares, 0, 0, 1, 1);
    vector_unary(VECTOR_RSQRT, 1, 1, &value, &value, 0, 0);
    vector_unary(VECTOR_AFFINE, 1, 1, &value, &value, -op->scalar[0], 0);
    vector_binary(VECTOR_MAX, 1, 1, &value, &value, &bound);
    vector_unary(VECTOR_AFFINE, 1, 1, &value, &value, -1.0f, 0);
    tile_store(&value, &factor, 0, 0, 1, 1);
}
