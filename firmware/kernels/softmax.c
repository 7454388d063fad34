/* SPDX-License-Identifier: Apache-2.0 */
/*
 * y = softmax(s0 x) by rows, optionally causal, and its gradient. Rows that fit the arena take one command where the
 * vector unit has it. Rows that do not are read three times: for the maximum, for the sum of exponentials, for the
 * result.
 */
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
 * Masks the block at [r, c]: in row r + i, columns above (r + i) mod period. A block that starts inside a sequence does
 * not leave it, so there the diagonal is a fixed distance away from the block's own. What is hidden is replaced and
 * never computed with: it may be infinite or no number.
 */
static void mask_block(const struct tile* x, uint32_t r, uint32_t c, uint32_t m, uint32_t n, uint32_t period) {
    const uint32_t first = r % period; /* last visible column of the block's first row */
    if (first >= c) {
        const uint32_t skip = first - c;
        if (skip >= n) return;
        const struct tile right = tile_view(x, 0, skip);
        vector_causal_mask(m, n - skip, &right, &right, MASKED, period);
        return;
    }
    const uint32_t hidden = smaller(c - first, m);
    tile_fill(x, hidden, n, MASKED);
    if (hidden == m) return;
    const struct tile below = tile_view(x, hidden, 0);
    vector_causal_mask(m - hidden, n, &below, &below, MASKED, period);
}

struct softmax {
    struct tensor y, x;
    float scale;
    uint32_t period; /* 0: not causal */
    struct blocks blocks;
    struct tile_sets xs;
    uint32_t set;
};

static const struct tile* load_logits(struct softmax* s, uint32_t r, uint32_t c, uint32_t m, uint32_t n) {
    const struct tile* tile = &s->xs.tile[s->set];
    s->set = blocks_next(&s->blocks, s->set);
    tile_load(tile, &s->x, r, c, m, n);
    if (!is_one(s->scale)) vector_unary(VECTOR_AFFINE, m, n, tile, tile, s->scale, 0);
    if (s->period) mask_block(tile, r, c, m, n, s->period);
    return tile;
}

/* Blocks of a causal softmax are whole sequences or lie within one. */
static uint32_t rows_of_block(const struct softmax* s, uint32_t r, uint32_t rows) {
    const uint32_t m = smaller(s->blocks.rows, rows - r);
    if (!s->period) return m;
    const uint32_t left = s->period - r % s->period;
    if (m <= left) return m;
    return left == s->period ? m - m % s->period : left;
}

static void softmax_by_command(struct softmax* s, uint32_t rows, uint32_t cols) {
    for (uint32_t r = 0; r < rows; r += s->blocks.rows) {
        const uint32_t m = smaller(s->blocks.rows, rows - r);
        const struct tile* tile = &s->xs.tile[s->set];
        s->set = blocks_next(&s->blocks, s->set);
        tile_load(tile, &s->x, r, 0, m, cols);
        vector_softmax(m, cols, tile, tile, s->scale, s->period, s->period ? r % s->period : 0);
        tile_store(tile, &s->y, r, 0, m, cols);
    }
}

void kernel_softmax(const struct image_op* op) {
    struct softmax s = {.scale = op->scalar[0], .period = op->flags & OP_FLAG_CAUSAL ? op->dims[2] : 0};
    tensor_open(&s.y, 0);
    tensor_open(&s.x, 1);
    const uint32_t rows = op->dims[0], cols = op->dims[1];
    s.blocks = blocks_of_rows(rows, cols, (struct block_needs){.wide = 1, .narrow = 3});
    s.xs = blocks_wide(&s.blocks);
    const bool whole = s.blocks.cols == cols;
    if (whole && runtime.vector_features & INFO_VECTOR_SOFTMAX) {
        softmax_by_command(&s, rows, cols);
        return;
    }
    const struct tile_sets maxima = blocks_narrow(&s.blocks), sums = blocks_narrow(&s.blocks),
                           parts = blocks_narrow(&s.blocks);

    uint32_t block = 0;
    for (uint32_t r = 0, m; r < rows; r += m, block = blocks_next(&s.blocks, block)) {
        m = rows_of_block(&s, r, rows);
        const struct tile *maximum = &maxima.tile[block], *sum = &sums.tile[block], *part = &parts.tile[block];
        const struct tile* tile = &s.xs.tile[0];
        for (uint32_t c = 0; c < cols; c += s.blocks.cols) {
            const uint32_t n = smaller(s.blocks.cols, cols - c);
            tile = load_logits(&s, r, c, m, n);
            vector_unary(VECTOR_ROW_MAX, m, n, c ? part : maximum, tile, 0, 0);
            if (c) vector_binary(VECTOR_MAX, 1, m, maximum, maximum, part);
        }
        for (uint32_t c = 0; c < cols; c += s.blocks.cols) {
            const uint32_t n = smaller(s.blocks.cols, cols - c);
            if (!whole) tile = load_logits(&s, r, c, m, n);
            vector_by_row(VECTOR_SUB, m, n, tile, tile, maximum);
            vector_unary(VECTOR_EXP, m, n, tile, tile, 0, 0);
            vector_unary(VECTOR_ROW_SUM, m, n, c ? part : sum, tile, 0, 0);
            if (c) vector_binary(VECTOR_ADD, 1, m, sum, sum, part);
        }
        vector_unary(VECTOR_RECIPROCAL, 1, m, sum, sum, 0, 0);
        for (uint32_t c = 0; c < cols; c += s.blocks.cols) {
            const uint32_t n = smaller(s.blocks.cols, cols - c);
            if (!whole) {
                tile = load_logits(&s, r, c, m, n);
                vector_by_row(VECTOR_SUB, m, n, tile, tile, maximum);
                vector_unary(VECTOR_EXP, m, n, tile, tile, 0, 0);
            }
            vector_by_row(VECTOR_MUL, m, n, tile, tile, sum);
            tile_store(tile, &s.y, r, c, m, n);
        }
    }
}

void kernel_softmax_backward(const struct image_op* op) {
    struct tensor dx, dy, y;
    tensor_open(&dx, 0);
    tensor_open(&dy, 1);
    tensor_open(&y, 2);
    const bool accumulate = operand_accumulates(op, 0);
    const uint32_t rows = op->dims[0], cols = op->dims[1];
    const struct blocks blocks = blocks_of_rows(rows, cols, (struct block_needs){accumulate ? 3 : 2, 2, 0});
    const bool whole = blocks.cols == cols;
    const struct tile_sets dys = blocks_wide(&blocks), ys = blocks_wide(&blocks);
    const struct tile_sets dots = blocks_narrow(&blocks), parts = blocks_narrow(&blocks);
    struct tile_sets olds;
    if (accumulate) olds = blocks_wide(&blocks);

    uint32_t set = 0, block = 0;
    for (uint32_t r = 0; r < rows; r += blocks.rows, block = blocks_next(&blocks, block)) {
        const uint32_t m = smaller(blocks.rows, rows - r);
        const struct tile *dot = &dots.tile[block], *part = &parts.tile[block];
        for (uint32_t c = 0; c < cols; c += blocks.cols) {
            const uint32_t n = smaller(blocks.cols, cols - c);
            set = blocks_next(&blocks, set);
            tile_load(&dys.tile[set], &dy, r, c, m, n);
            tile_load(&ys.tile[set], &y, r, c, m, n);
            vector_binary(VECTOR_ROW_DOT, m, n, c ? part : dot, &dys.tile[set], &ys.tile[set]);
            if (c) vector_binary(VECTOR_ADD, 1, m, dot, dot, part);
        }
        for (uint32_t c = 0; c < cols; c += blocks.cols) {
            const uint32_t n = smaller(blocks.cols, cols - c);
            if (!whole) {
                set = blocks_next(&blocks, set);
                tile_load(&dys.tile[set], &dy, r, c, m, n);
                tile_load(&ys.tile[set], &y, r, c, m, n);
            }
            const struct tile* result = &dys.tile[set];
            vector_by_row(VECTOR_SUB, m, n, result, result, dot);
            vector_binary(VECTOR_MUL, m, n, result, result, &ys.tile[set]);
            if (!is_one(op->scalar[0])) vector_unary(VECTOR_AFFINE, m, n, result, result, op->scalar[0], 0);
            if (accumulate) {
                tile_load(&olds.tile[set], &dx, r, c, m, n);
                vector_binary(VECTOR_ADD, m, n, result, result, &olds.tile[set]);
            }
            tile_store(result, &dx, r, c, m, n);
        }
    }
}
