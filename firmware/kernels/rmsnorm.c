/* SPDX-License-Identifier: Apache-2.0 */
/* y = x rstd [* gain] with rstd = 1 / sqrt(mean(x^2) + epsilon) by rows, and its gradients. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_rmsnorm(const struct image_op* op) {
    struct tensor y, x, rstd, gain;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const bool keeps_rstd = tensor_open_optional(&rstd, 2), has_gain = tensor_open_optional(&gain, 3);
    const uint32_t rows = op->dims[0], cols = op->dims[1];
    const float inverse = 1.0f / (float)cols;
    const struct blocks blocks = blocks_of_rows(rows, cols, (struct block_needs){1, 2, has_gain ? 1 : 0});
    const bool whole = blocks.cols == cols, by_command = whole && runtime.vector_features & INFO_VECTOR_RMSNORM;
    const struct tile_sets xs = blocks_wide(&blocks), stats = blocks_narrow(&blocks), parts = blocks_narrow(&blocks);
    struct tile gains, gain_rows;
    if (has_gain) {
        gains = tile_allocate(1, blocks.cols, FORMAT_FP32);
        gain_rows = tile_repeat(&gains);
        if (whole) tile_load(&gains, &gain, 0, 0, 1, cols);
    }

    uint32_t set = 0, block = 0;
    for (uint32_t r = 0; r < rows; r += blocks.rows, block = blocks_next(&blocks, block)) {
        const uint32_t m = smaller(blocks.rows, rows - r);
        const struct tile *stat = &stats.tile[block], *part = &parts.tile[block];
        const struct tile* tile = &xs.tile[set];
        for (uint32_t c = 0; c < cols; c += blocks.cols) {
            const uint32_t n = smaller(blocks.cols, cols - c);
            tile = &xs.tile[set];
            set = blocks_next(&blocks, set);
            tile_load(tile, &x, r, c, m, n);
            if (!by_command) vector_binary(VECTOR_ROW_DOT, m, n, c ? part : stat, tile, tile);
            if (c) vector_binary(VECTOR_ADD, 1, m, stat, stat, part);
        }
        if (by_command) {
            vector_rmsnorm(m, cols, tile, tile, stat, inverse, op->scalar[0]);
        } else {
            vector_unary(VECTOR_AFFINE, 1, m, stat, stat, inverse, op->scalar[0]);
            vector_unary(VECTOR_RSQRT, 1, m, stat, stat, 0, 0);
        }
        if (keeps_rstd) tile_store(stat, &rstd, 0, r, 1, m);
        for (uint32_t c = 0; c < cols; c += blocks.cols) {
            const uint32_t n = smaller(blocks.cols, cols - c);
            if (!whole) {
                tile = &xs.tile[set];
                set = blocks_next(&blocks, set);
                tile_load(tile, &x, r, c, m, n);
                if (has_gain) tile_load(&gains, &gain, 0, c, 1, n);
            }
            if (!by_command) vector_by_row(VECTOR_MUL, m, n, tile, tile, stat);
            if (has_gain) vector_binary(VECTOR_MUL, m, n, tile, tile, &gain_rows);
            tile_store(tile, &y, r, c, m, n);
        }
    }
}

/* What the backward kernel works with. */
struct backward {
    struct tensor dx, dy, x, rstd, gain, dgain;
    bool has_gain, accumulate;
    uint32_t rows, cols;
    struct blocks blocks;
    uint32_t set;
    struct tile_sets xs, dys, products, olds;         /* [rows, cols] */
    struct tile_sets rstds, dots, parts;              /* [rows] */
    struct tile gains, gain_rows, dgains, dgain_part; /* [cols] */
};

static void open(struct backward* b, const struct image_op* op) {
    tensor_open(&b->dx, 0);
    tensor_open(&b->dy, 1);
    tensor_open(&b->x, 2);
    tensor_open(&b->rstd, 3);
    b->has_gain = tensor_open_optional(&b->gain, 4) && tensor_open_optional(&b->dgain, 5);
    b->accumulate = operand_accumulates(op, 0);
    b->rows = op->dims[0];
    b->cols = op->dims[1];
    b->set = 0;
    const uint32_t wide = 2 + b->has_gain + b->accumulate;
    b->blocks = blocks_of_rows(b->rows, b->cols, (struct block_needs){wide, 3, b->has_gain ? 3 : 0});
    b->xs = blocks_wide(&b->blocks);
    b->dys = blocks_wide(&b->blocks);
    if (b->accumulate) b->olds = blocks_wide(&b->blocks);
    b->rstds = blocks_narrow(&b->blocks);
    b->dots = blocks_narrow(&b->blocks);
    b->parts = blocks_narrow(&b->blocks);
    if (!b->has_gain) return;
    b->products = blocks_wide(&b->blocks);
    b->gains = tile_allocate(1, b->blocks.cols, FORMAT_FP32);
    b->dgains = tile_allocate(1, b->blocks.cols, FORMAT_FP32);
    b->dgain_part = tile_allocate(1, b->blocks.cols, FORMAT_FP32);
    b->gain_rows = tile_repeat(&b->gains);
}

/* Loads a block: x becomes xhat. */
static void load(struct backward* b, const struct tile* rstd, uint32_t r, uint32_t c, uint32_t m, uint32_t n) {
    b->set = blocks_next(&b->blocks, b->set);
    const struct tile* x = &b->xs.tile[b->set];
    tile_load(x, &b->x, r, c, m, n);
    tile_load(&b->dys.tile[b->set], &b->dy, r, c, m, n);
    vector_by_row(VECTOR_MUL, m, n, x, x, rstd);
}

/* dgain (of these columns) += column sums of dy * xhat; `first` overwrites. */
static void add_to_dgain(struct backward* b, uint32_t m, uint32_t n, bool first) {
    const struct tile* product = &b->products.tile[b->set];
    vector_binary(VECTOR_MUL, m, n, product, &b->dys.tile[b->set], &b->xs.tile[b->set]);
    vector_unary(VECTOR_COLUMN_SUM, m, n, first ? &b->dgains : &b->dgain_part, product, 0, 0);
    if (!first) vector_binary(VECTOR_ADD, 1, n, &b->dgains, &b->dgains, &b->dgain_part);
}

/* dy becomes g = dy * gain. */
static void apply_gain(struct backward* b, uint32_t c, uint32_t m, uint32_t n, bool load_gain) {
    if (!b->has_gain) return;
    const struct tile* dy = &b->dys.tile[b->set];
    if (load_gain) tile_load(&b->gains, &b->gain, 0, c, 1, n);
    vector_binary(VECTOR_MUL, m, n, dy, dy, &b->gain_rows);
}

/* dx = rstd (g - xhat mean(g xhat)); `dot` holds -mean. */
static void finish(struct backward* b, const struct tile* rstd, const struct tile* dot, uint32_t r, uint32_t c,
                   uint32_t m, uint32_t n) {
    const struct tile *x = &b->xs.tile[b->set], *dy = &b->dys.tile[b->set];
    vector_by_row(VECTOR_MUL, m, n, x, x, dot);
    vector_binary(VECTOR_ADD, m, n, dy, dy, x);
    vector_by_row(VECTOR_MUL, m, n, dy, dy, rstd);
    if (b->accumulate) {
        const struct tile* old = &b->olds.tile[b->set];
        tile_load(old, &b->dx, r, c, m, n);
        vector_binary(VECTOR_ADD, m, n, dy, dy, old);
    }
    tile_store(dy, &b->dx, r, c, m, n);
}

/* dgain where a row does not fit: chunk by chunk of the columns over all rows. */
static void dgain_by_chunks(struct backward* b) {
    uint32_t block = 0;
    for (uint32_t c = 0; c < b->cols; c += b->blocks.cols) {
        const uint32_t n = smaller(b->blocks.cols, b->cols - c);
        for (uint32_t r = 0; r < b->rows; r += b->blocks.rows, block = blocks_next(&b->blocks, block)) {
            const uint32_t m = smaller(b->blocks.rows, b->rows - r);
            tile_load(&b->rstds.tile[block], &b->rstd, 0, r, 1, m);
            load(b, &b->rstds.tile[block], r, c, m, n);
            add_to_dgain(b, m, n, r == 0);
        }
        tile_store(&b->dgains, &b->dgain, 0, c, 1, n);
    }
}

void kernel_rmsnorm_backward(const struct image_op* op) {
    struct backward b;
    open(&b, op);
    const bool whole = b.blocks.cols == b.cols;
    const float inverse = -1.0f / (float)b.cols;
    /* Before dx is written, because it may share its place with dy. */
    if (b.has_gain && !whole) dgain_by_chunks(&b);
    if (b.has_gain && whole) tile_load(&b.gains, &b.gain, 0, 0, 1, b.cols);

    uint32_t block = 0;
    for (uint32_t r = 0; r < b.rows; r += b.blocks.rows, block = blocks_next(&b.blocks, block)) {
        const uint32_t m = smaller(b.blocks.rows, b.rows - r);
        const struct tile *rstd = &b.rstds.tile[block], *dot = &b.dots.tile[block], *part = &b.parts.tile[block];
        tile_load(rstd, &b.rstd, 0, r, 1, m);
        for (uint32_t c = 0; c < b.cols; c += b.blocks.cols) {
            const uint32_t n = smaller(b.blocks.cols, b.cols - c);
            load(&b, rstd, r, c, m, n);
            if (b.has_gain && whole) add_to_dgain(&b, m, n, r == 0);
            apply_gain(&b, c, m, n, !whole);
            vector_binary(VECTOR_ROW_DOT, m, n, c ? part : dot, &b.dys.tile[b.set], &b.xs.tile[b.set]);
            if (c) vector_binary(VECTOR_ADD, 1, m, dot, dot, part);
        }
        vector_unary(VECTOR_AFFINE, 1, m, dot, dot, inverse, 0);
        for (uint32_t c = 0; c < b.cols; c += b.blocks.cols) {
            const uint32_t n = smaller(b.blocks.cols, b.cols - c);
            if (!whole) {
                load(&b, rstd, r, c, m, n);
                apply_gain(&b, c, m, n, true);
            }
            finish(&b, rstd, dot, r, c, m, n);
        }
    }
    if (b.has_gain && whole) tile_store(&b.dgains, &b.dgain, 0, 0, 1, b.cols);
}
