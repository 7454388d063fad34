/* SPDX-License-Identifier: Apache-2.0 */
/*
 * y = softmax(s0 x) by rows, optionally causal, and its gradient. Rows that fit the arena take one command where the
 * vector unit has it. Rows that do not are read three times: for the maximum, for the sum of exponentials, for the
 * result.
 */
#include <stddef.h>

#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

/* Its exponential is zero beside anything that is not masked. */
#define MASKED VECTOR_SOFTMAX_HIDDEN

static bool is_one(float value) {
    union {
        float value;
        uint32_t bits;
    } one = {.value = value};
    return one.bits == 0x3f800000u;
}

/*
 * Masks a block at [r, c]: in row r + i, columns above (r + i) mod period. A block that starts inside a sequence does
 * not leave it, so there the diagonal is a fixed distance away from the block's own. What is hidden is replaced and
 * never computed with: it may be infinite or no number.
 */
static void mask_block(const struct at* at, const struct tile* x, uint32_t period) {
    const uint32_t first = at->row % period; /* last visible column of the block's first row */
    if (first >= at->col) {
        const uint32_t skip = first - at->col;
        if (skip >= at->cols) return;
        const struct tile right = tile_view(x, 0, skip);
        vector_causal_mask(at->rows, at->cols - skip, &right, &right, MASKED, period);
        return;
    }
    const uint32_t hidden = smaller(at->col - first, at->rows);
    tile_fill(x, hidden, at->cols, MASKED);
    if (hidden == at->rows) return;
    const struct tile below = tile_view(x, hidden, 0);
    vector_causal_mask(at->rows - hidden, at->cols, &below, &below, MASKED, period);
}

struct softmax {
    struct tensor y, x;
    float scale;
    uint32_t period; /* 0: not causal */
    struct blocks blocks;
    struct tile_sets xs;
};

static const struct tile* load_logits(struct softmax* s, struct at* at) {
    const struct tile* tile = load_next(at, &s->xs, &s->x);
    if (!is_one(s->scale)) unary(at, VECTOR_AFFINE, tile, s->scale, 0);
    if (s->period) mask_block(at, tile, s->period);
    return tile;
}

/* Blocks of a causal softmax are whole sequences or lie within one. */
static uint32_t rows_of_block(const struct softmax* s, const struct at* at) {
    if (!s->period) return at->rows;
    const uint32_t left = s->period - at->row % s->period;
    if (at->rows <= left) return at->rows;
    return left == s->period ? at->rows - at->rows % s->period : left;
}

static void softmax_by_command(struct softmax* s) {
    struct at at = at_start(&s->blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile* tile = load_next(&at, &s->xs, &s->x);
            const uint32_t first_row = s->period ? at.row % s->period : 0;
            vector_softmax(at.rows, at.cols, tile, tile, s->scale, s->period, first_row);
            store(&at, tile, &s->y);
        }
}

static void softmax_by_steps(struct softmax* s) {
    const struct tile_sets maxima = blocks_narrow(&s->blocks), sums = blocks_narrow(&s->blocks),
                           parts = blocks_narrow(&s->blocks);
    struct at at = at_start(&s->blocks);
    while (next_rows(&at)) {
        at.rows = rows_of_block(s, &at);
        const struct tile *maximum = narrow(&at, &maxima), *sum = narrow(&at, &sums), *part = narrow(&at, &parts);
        const struct tile* tile = NULL;
        while (next_chunk(&at)) {
            tile = load_logits(s, &at);
            row_max(&at, maximum, part, tile);
        }
        while (next_chunk(&at)) {
            if (!s->blocks.whole) tile = load_logits(s, &at);
            by_row(&at, VECTOR_SUB, tile, maximum);
            unary(&at, VECTOR_EXP, tile, 0, 0);
            row_sum(&at, sum, part, tile);
        }
        narrow_unary(&at, VECTOR_RECIPROCAL, sum, 0, 0);
        while (next_chunk(&at)) {
            if (!s->blocks.whole) {
                tile = load_logits(s, &at);
                by_row(&at, VECTOR_SUB, tile, maximum);
                unary(&at, VECTOR_EXP, tile, 0, 0);
            }
            by_row(&at, VECTOR_MUL, tile, sum);
            store(&at, tile, &s->y);
        }
    }
}

void kernel_softmax(const struct image_op* op) {
    struct softmax s;
    s.scale = op->scalar[0];
    s.period = op->flags & OP_FLAG_CAUSAL ? op->dims[2] : 0;
    tensor_open(&s.y, 0);
    tensor_open(&s.x, 1);
    s.blocks = blocks_of_rows(op->dims[0], op->dims[1], (struct block_needs){.wide = 1, .narrow = 3});
    s.xs = blocks_wide(&s.blocks);
    if (s.blocks.whole && runtime.vector_features & INFO_VECTOR_SOFTMAX)
        softmax_by_command(&s);
    else
        softmax_by_steps(&s);
}

void kernel_softmax_backward(const struct image_op* op) {
    struct result dx;
    struct tensor dy, y;
    result_open(&dx, 0);
    tensor_open(&dy, 1);
    tensor_open(&y, 2);
    const struct block_needs needs = {.wide = 2 + dx.adds, .narrow = 2};
    const struct blocks blocks = blocks_of_rows(op->dims[0], op->dims[1], needs);
    const struct tile_sets dys = blocks_wide(&blocks), ys = blocks_wide(&blocks);
    const struct tile_sets dots = blocks_narrow(&blocks), parts = blocks_narrow(&blocks);
    result_tiles(&dx, &blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at)) {
        const struct tile *dot = narrow(&at, &dots), *part = narrow(&at, &parts), *gradient = NULL, *output = NULL;
        while (next_chunk(&at)) {
            gradient = load_next(&at, &dys, &dy);
            output = load(&at, &ys, &y);
            row_dot(&at, dot, part, gradient, output);
        }
        while (next_chunk(&at)) {
            if (!blocks.whole) {
                gradient = load_next(&at, &dys, &dy);
                output = load(&at, &ys, &y);
            }
            by_row(&at, VECTOR_SUB, gradient, dot);
            binary(&at, VECTOR_MUL, gradient, output);
            if (!is_one(op->scalar[0])) unary(&at, VECTOR_AFFINE, gradient, op->scalar[0], 0);
            store_result(&at, gradient, &dx);
        }
    }
}
