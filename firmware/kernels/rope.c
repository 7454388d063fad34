/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rotary positions. A block is some positions and pairs of columns; it is done for all heads of all sequences while its
 * cosines and sines stay.
 */
#include "firmware/hal/fail.h"
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

struct rope {
    struct tensor y, x, angles;
    uint32_t rows, cols, head, period, half;
    bool inverse;
    struct blocks blocks; /* [period, half] */
    struct tile_sets cosines, sines, firsts[2], seconds[2], first_parts, second_parts;
};

static void open(struct rope* p, const struct image_op* op) {
    tensor_open(&p->y, 0);
    tensor_open(&p->x, 1);
    tensor_open(&p->angles, 2);
    p->rows = op->dims[0];
    p->cols = op->dims[1];
    p->head = op->dims[2];
    p->period = op->dims[3];
    p->half = op->dims[4] / 2;
    p->inverse = op->flags & OP_FLAG_INVERSE;
    if (p->period == 0 || p->rows % p->period || p->half == 0 || 2 * p->half > p->head || p->cols % p->head)
        hal_fail(EXIT_IMAGE, "op %u: %u x %u in sequences of %u and heads of %u cannot be turned by %u columns",
                 runtime.op_number, p->rows, p->cols, p->period, p->head, op->dims[4]);
    p->blocks = blocks_of_rows(p->period, p->half, (struct block_needs){.wide = 8});
    struct tile_sets* const all[] = {&p->cosines,    &p->sines,      &p->firsts[0],   &p->firsts[1],
                                     &p->seconds[0], &p->seconds[1], &p->first_parts, &p->second_parts};
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; ++i)
        *all[i] = blocks_wide(&p->blocks);
}

/* A block of one head: its first column is `col`, its first row `row`. */
static void turn_block(struct rope* p, const struct at* at, uint32_t row, uint32_t col, uint32_t turn) {
    const struct tile *cosine = wide(at, &p->cosines), *sine = wide(at, &p->sines);
    const struct tile *first = wide(at, &p->firsts[turn]), *second = wide(at, &p->seconds[turn]);
    const struct tile *first_part = wide(at, &p->first_parts), *second_part = wide(at, &p->second_parts);
    tile_load(first, &p->x, row, col + at->col, at->rows, at->cols);
    tile_load(second, &p->x, row, col + p->half + at->col, at->rows, at->cols);
    vector_binary(VECTOR_MUL, at->rows, at->cols, first_part, second, sine);
    vector_binary(VECTOR_MUL, at->rows, at->cols, second_part, first, sine);
    binary(at, VECTOR_MUL, first, cosine);
    binary(at, VECTOR_MUL, second, cosine);
    binary(at, p->inverse ? VECTOR_ADD : VECTOR_SUB, first, first_part);
    binary(at, p->inverse ? VECTOR_SUB : VECTOR_ADD, second, second_part);
    tile_store(first, &p->y, row, col + at->col, at->rows, at->cols);
    tile_store(second, &p->y, row, col + p->half + at->col, at->rows, at->cols);
}

/* What is not turned of a head. */
static void copy_rest(struct rope* p, const struct at* at, uint32_t row, uint32_t col) {
    uint32_t turn = 0;
    for (uint32_t c = 2 * p->half; c < p->head; c += p->blocks.block_cols, turn ^= 1) {
        const uint32_t cols = smaller(p->blocks.block_cols, p->head - c);
        const struct tile* tile = wide(at, &p->firsts[turn]);
        tile_load(tile, &p->x, row, col + c, at->rows, cols);
        tile_store(tile, &p->y, row, col + c, at->rows, cols);
    }
}

void kernel_rope(const struct image_op* op) {
    struct rope p;
    open(&p, op);
    struct at at = at_start(&p.blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            uint32_t turn = 0;
            load_next(&at, &p.cosines, &p.angles);
            tile_load(wide(&at, &p.sines), &p.angles, at.row, p.half + at.col, at.rows, at.cols);
            for (uint32_t row = at.row; row < p.rows; row += p.period)
                for (uint32_t col = 0; col < p.cols; col += p.head, turn ^= 1) {
                    turn_block(&p, &at, row, col, turn);
                    if (at.col == 0) copy_rest(&p, &at, row, col);
                }
        }
}
