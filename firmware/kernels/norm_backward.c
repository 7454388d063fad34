/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gradients of a layernorm by rows: with xhat = (x - mean) rstd and g = dy [* gain]
 *
 *     dx = rstd (g - mean(g) - xhat mean(g xhat))
 *     dgain = column sums of dy xhat
 *     dbias = column sums of dy
 *
 * An rmsnorm has no mean: what stands for one falls away. Rows that do not fit the arena are read twice for dx, and
 * before that once for the sums of columns.
 */
#include <stddef.h>

#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

struct backward {
    bool centred; /* has a mean */
    struct result dx;
    struct tensor dy, x, mean, rstd;
    struct row_operand gain;
    struct column_sum dgain, dbias;
    struct blocks blocks;
    struct tile_sets xs, dys, products;               /* [rows, cols] */
    struct tile_sets means, rstds, sums, dots, parts; /* [rows] */
};

static void take_tiles(struct backward* b, const struct image_op* op) {
    const struct block_needs needs = {.wide = 2 + b->dx.adds + b->dgain.present,
                                      .narrow = b->centred ? 5 : 3,
                                      .kept = b->gain.present +
                                              COLUMN_SUM_KEPT * ((uint32_t)b->dgain.present + b->dbias.present)};
    const struct blocks* blocks = &b->blocks;
    b->blocks = blocks_of_rows(op->dims[0], op->dims[1], needs);
    b->xs = blocks_wide(blocks);
    b->dys = blocks_wide(blocks);
    result_tiles(&b->dx, blocks);
    if (b->dgain.present) b->products = blocks_wide(blocks);
    b->rstds = blocks_narrow(blocks);
    b->dots = blocks_narrow(blocks);
    b->parts = blocks_narrow(blocks);
    if (b->centred) {
        b->means = blocks_narrow(blocks);
        b->sums = blocks_narrow(blocks);
    }
    column_sum_tiles(&b->dgain, blocks);
    column_sum_tiles(&b->dbias, blocks);
    row_tiles(&b->gain, blocks);
}

/* What is known of the rows of a block. */
COMMAND_INLINE void load_rows(struct backward* b, const struct at* at) {
    load_narrow(at, &b->rstds, &b->rstd);
    if (b->centred) load_narrow(at, &b->means, &b->mean);
}

/* The tiles of a block become xhat and dy. */
COMMAND_INLINE void load_block(struct backward* b, struct at* at) {
    const struct tile* x = load_next(at, &b->xs, &b->x);
    load(at, &b->dys, &b->dy);
    if (b->centred) by_row(at, VECTOR_SUB, x, narrow(at, &b->means));
    by_row(at, VECTOR_MUL, x, narrow(at, &b->rstds));
}

COMMAND_INLINE void sum_columns(struct backward* b, const struct at* at) {
    const struct tile *xhat = wide(at, &b->xs), *dy = wide(at, &b->dys);
    if (b->dgain.present) {
        const struct tile* product = wide(at, &b->products);
        vector_binary(VECTOR_MUL, at->rows, at->cols, product, dy, xhat);
        add_columns(at, &b->dgain, product);
    }
    if (b->dbias.present) add_columns(at, &b->dbias, dy);
}

COMMAND_INLINE void store_sums(struct backward* b, uint32_t col, uint32_t cols) {
    if (b->dgain.present) store_columns(&b->dgain, col, cols);
    if (b->dbias.present) store_columns(&b->dbias, col, cols);
}

/* Where a row does not fit: one chunk of the columns after the other, over all rows. */
static void sum_columns_by_chunks(struct backward* b) {
    struct at at = at_start(&b->blocks);
    while (next_chunk(&at)) {
        while (next_rows(&at)) {
            load_rows(b, &at);
            load_block(b, &at);
            sum_columns(b, &at);
        }
        store_sums(b, at.col, at.cols);
    }
}

COMMAND_INLINE void norm_backward(struct backward* b, const struct image_op* op) {
    take_tiles(b, op);
    const bool whole = b->blocks.whole, has_sums = b->dgain.present || b->dbias.present;
    const float inverse = -1.0f / (float)b->blocks.cols;
    /* Before dx is written, because it may share its place with dy. */
    if (has_sums && !whole) sum_columns_by_chunks(b);

    struct at at = at_start(&b->blocks);
    while (next_rows(&at)) {
        const struct tile *rstd = narrow(&at, &b->rstds), *part = narrow(&at, &b->parts);
        const struct tile *sum = narrow(&at, &b->sums),
                          *dot = narrow(&at, &b->dots); /* become -mean(g), -mean(g xhat) */
        load_rows(b, &at);
        while (next_chunk(&at)) {
            load_block(b, &at);
            const struct tile *xhat = wide(&at, &b->xs), *g = wide(&at, &b->dys);
            if (has_sums && whole) sum_columns(b, &at);
            by_column(&at, VECTOR_MUL, g, &b->gain);
            if (b->centred) row_sum(&at, sum, part, g);
            row_dot(&at, dot, part, g, xhat);
        }
        if (b->centred) narrow_unary(&at, VECTOR_AFFINE, sum, inverse, 0);
        narrow_unary(&at, VECTOR_AFFINE, dot, inverse, 0);
        while (next_chunk(&at)) {
            if (!whole) load_block(b, &at);
            const struct tile *xhat = wide(&at, &b->xs), *g = wide(&at, &b->dys);
            if (!whole) by_column(&at, VECTOR_MUL, g, &b->gain);
            by_row(&at, VECTOR_MUL, xhat, dot);
            binary(&at, VECTOR_ADD, g, xhat);
            if (b->centred) by_row(&at, VECTOR_ADD, g, sum);
            by_row(&at, VECTOR_MUL, g, rstd);
            store_result(&at, g, &b->dx);
        }
    }
    if (has_sums && whole) store_sums(b, 0, b->blocks.cols);
}

void kernel_layernorm_backward(const struct image_op* op) {
    struct backward b;
    b.centred = true;
    result_open(&b.dx, 0);
    tensor_open(&b.dy, 1);
    tensor_open(&b.x, 2);
    tensor_open(&b.mean, 3);
    tensor_open(&b.rstd, 4);
    row_open(&b.gain, 5);
    column_sum_open(&b.dgain, 6);
    column_sum_open(&b.dbias, 7);
    norm_backward(&b, op);
}

void kernel_rmsnorm_backward(const struct image_op* op) {
    struct backward b;
    b.centred = b.dbias.present = false;
    result_open(&b.dx, 0);
    tensor_open(&b.dy, 1);
    tensor_open(&b.x, 2);
    tensor_open(&b.rstd, 3);
    row_open(&b.gain, 4);
    column_sum_open(&b.dgain, 5);
    norm_backward(&b, op);
}
