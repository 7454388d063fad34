/* SPDX-License-Identifier: Apache-2.0 */
/* y = softmax(s0 x) by rows, optionally causal, and its gradient. */
#include "firmware/kernels/kernels.h"
#include "firmware/kernels/softmax_rows.h"

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

void kernel_softmax(const struct image_op* op) { softmax(op, op->flags & OP_FLAG_CAUSAL ? op->dims[2] : 0); }

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
