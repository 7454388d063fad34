/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gradients of a normalization by rows: with xhat = x rstd and g = dy [* gain]
 *
 *     dx = rstd (g - xhat mean(g xhat))
 *     dgain = column sums of dy xhat
 */
#include <stddef.h>

#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

struct backward {
    struct result dx;
    struct tensor dy, x, rstd;
    struct row_operand gain;
    struct column_sum dgain;
    struct blocks blocks;
    struct tile_sets xs, dys, products;  /* [rows, cols] */
    struct tile_sets rstds, dots, parts; /* [rows] */
};

static void open(struct backward* b, const struct image_op* op) {
    result_open(&b->dx, 0);
    tensor_open(&b->dy, 1);
    tensor_open(&b->x, 2);
    tensor_open(&b->rstd, 3);
    row_open(&b->gain, 4);
    column_sum_open(&b->dgain, 5);
    const struct block_needs needs = {.wide = 2 + b->dx.adds + b->dgain.present,
                                      .narrow = 3,
                                      .kept = b->gain.present + (b->dgain.present ? COLUMN_SUM_KEPT : 0)};
    b->blocks = blocks_of_rows(op->dims[0], op->dims[1], needs);
    b->xs = blocks_wide(&b->blocks);
    b->dys = blocks_wide(&b->blocks);
    result_tiles(&b->dx, &b->blocks);
    b->rstds = blocks_narrow(&b->blocks);
    b->dots = blocks_narrow(&b->blocks);
    b->parts = blocks_narrow(&b->blocks);
    if (b->dgain.present) b->products = blocks_wide(&b->blocks);
    column_sum_tiles(&b->dgain, &b->blocks);
    row_tiles(&b->gain, &b->blocks);
}

/* A block: x becomes xhat. */
COMMAND_INLINE void load_xhat_dy(struct backward* b, struct at* at, const struct tile* rstd, const struct tile** xhat,
                                 const struct tile** dy) {
    *xhat = load_next(at, &b->xs, &b->x);
    *dy = load(at, &b->dys, &b->dy);
    by_row(at, VECTOR_MUL, *xhat, rstd);
}

COMMAND_INLINE void add_to_dgain(struct backward* b, const struct at* at, const struct tile* xhat,
                                 const struct tile* dy) {
    const struct tile* product = wide(at, &b->products);
    vector_binary(VECTOR_MUL, at->rows, at->cols, product, dy, xhat);
    add_columns(at, &b->dgain, product);
}

/* Sums of columns where a row does not fit: one chunk of the columns after the other, over all rows. */
static void sum_by_chunks(struct backward* b) {
    const struct tile *xhat, *dy;
    struct at at = at_start(&b->blocks);
    while (next_chunk(&at)) {
        while (next_rows(&at)) {
            load_xhat_dy(b, &at, load_narrow(&at, &b->rstds, &b->rstd), &xhat, &dy);
            add_to_dgain(b, &at, xhat, dy);
        }
        store_columns(&b->dgain, at.col, at.cols);
    }
}

void kernel_rmsnorm_backward(const struct image_op* op) {
    struct backward b;
    open(&b, op);
    const bool whole = b.blocks.whole;
    const float inverse = -1.0f / (float)b.blocks.cols;
    /* Before dx is written, because it may share its place with dy. */
    if (b.dgain.present && !whole) sum_by_chunks(&b);

    struct at at = at_start(&b.blocks);
    while (next_rows(&at)) {
        const struct tile *rstd = load_narrow(&at, &b.rstds, &b.rstd), *dot = narrow(&at, &b.dots),
                          *part = narrow(&at, &b.parts), *x = NULL, *g = NULL;
        while (next_chunk(&at)) {
            load_xhat_dy(&b, &at, rstd, &x, &g);
            if (b.dgain.present && whole) add_to_dgain(&b, &at, x, g);
            by_column(&at, VECTOR_MUL, g, &b.gain);
            row_dot(&at, dot, part, g, x);
        }
        narrow_unary(&at, VECTOR_AFFINE, dot, inverse, 0);
        while (next_chunk(&at)) {
            if (!whole) {
                load_xhat_dy(&b, &at, rstd, &x, &g);
                by_column(&at, VECTOR_MUL, g, &b.gain);
            }
            by_row(&at, VECTOR_MUL, x, dot);
            binary(&at, VECTOR_ADD, g, x);
            by_row(&at, VECTOR_MUL, g, rstd);
            store_result(&at, g, &b.dx);
        }
    }
    if (b.dgain.present && whole) store_columns(&b.dgain, 0, b.blocks.cols);
}
