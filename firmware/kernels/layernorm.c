/* SPDX-License-Identifier: Apache-2.0 */
/*
 * y = (x - mean) / sqrt(mean((x - mean)^2) + epsilon) [* gain] [+ bias] by rows. Rows that do not fit the arena are
 * read three times: for the mean, for the variance, for the result.
 */
#include <stddef.h>

#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

struct layernorm {
    struct tensor y, x, gain, bias;
    bool has_gain, has_bias, whole;
    struct blocks blocks;
    uint32_t set;
    struct tile_sets xs;            /* [rows, cols] */
    struct tile gain_row, bias_row; /* [cols] */
};

static struct tile kept_row(struct layernorm* l, struct tensor* tensor, uint32_t cols) {
    const struct tile row = tile_allocate(1, l->blocks.cols, FORMAT_FP32);
    if (l->whole) tile_load(&row, tensor, 0, 0, 1, cols);
    return row;
}

static void open(struct layernorm* l, uint32_t rows, uint32_t cols) {
    tensor_open(&l->y, 0);
    tensor_open(&l->x, 1);
    l->has_gain = tensor_open_optional(&l->gain, 2);
    l->has_bias = tensor_open_optional(&l->bias, 3);
    l->set = 0;
    l->blocks = blocks_of_rows(rows, cols, (struct block_needs){1, 3, (uint32_t)l->has_gain + l->has_bias});
    l->whole = l->blocks.cols == cols;
    l->xs = blocks_wide(&l->blocks);
    if (l->has_gain) l->gain_row = kept_row(l, &l->gain, cols);
    if (l->has_bias) l->bias_row = kept_row(l, &l->bias, cols);
}

static const struct tile* load(struct layernorm* l, uint32_t r, uint32_t c, uint32_t m, uint32_t n) {
    const struct tile* tile = &l->xs.tile[l->set];
    l->set = blocks_next(&l->blocks, l->set);
    tile_load(tile, &l->x, r, c, m, n);
    return tile;
}

/* A row kept for all of the operator, or its part from column c on. */
static struct tile repeated(const struct layernorm* l, const struct tile* row, struct tensor* from, uint32_t c,
                            uint32_t n) {
    if (!l->whole) tile_load(row, from, 0, c, 1, n);
    return tile_repeat(row);
}

static void finish(struct layernorm* l, const struct tile* tile, const struct tile* scale, uint32_t r, uint32_t c,
                   uint32_t m, uint32_t n) {
    vector_by_row(VECTOR_MUL, m, n, tile, tile, scale);
    if (l->has_gain) {
        const struct tile gain = repeated(l, &l->gain_row, &l->gain, c, n);
        vector_binary(VECTOR_MUL, m, n, tile, tile, &gain);
    }
    if (l->has_bias) {
        const struct tile bias = repeated(l, &l->bias_row, &l->bias, c, n);
        vector_binary(VECTOR_ADD, m, n, tile, tile, &bias);
    }
    tile_store(tile, &l->y, r, c, m, n);
}

void kernel_layernorm(const struct image_op* op) {
    struct layernorm l;
    const uint32_t rows = op->dims[0], cols = op->dims[1];
    const float inverse = 1.0f / (float)cols;
    open(&l, rows, cols);
    const struct tile_sets means = blocks_narrow(&l.blocks), scales = blocks_narrow(&l.blocks),
                           parts = blocks_narrow(&l.blocks);

    uint32_t block = 0;
    for (uint32_t r = 0; r < rows; r += l.blocks.rows, block = blocks_next(&l.blocks, block)) {
        const uint32_t m = smaller(l.blocks.rows, rows - r);
        const struct tile *mean = &means.tile[block], *scale = &scales.tile[block], *part = &parts.tile[block];
        const struct tile* tile = NULL;
        for (uint32_t c = 0; c < cols; c += l.blocks.cols) {
            const uint32_t n = smaller(l.blocks.cols, cols - c);
            tile = load(&l, r, c, m, n);
            vector_unary(VECTOR_ROW_SUM, m, n, c ? part : mean, tile, 0, 0);
            if (c) vector_binary(VECTOR_ADD, 1, m, mean, mean, part);
        }
        vector_unary(VECTOR_AFFINE, 1, m, mean, mean, inverse, 0);
        for (uint32_t c = 0; c < cols; c += l.blocks.cols) {
            const uint32_t n = smaller(l.blocks.cols, cols - c);
            if (!l.whole) tile = load(&l, r, c, m, n);
            vector_by_row(VECTOR_SUB, m, n, tile, tile, mean);
            vector_binary(VECTOR_ROW_DOT, m, n, c ? part : scale, tile, tile);
            if (c) vector_binary(VECTOR_ADD, 1, m, scale, scale, part);
        }
        vector_unary(VECTOR_AFFINE, 1, m, scale, scale, inverse, op->scalar[0]);
        vector_unary(VECTOR_RSQRT, 1, m, scale, scale, 0, 0);
        for (uint32_t c = 0; c < cols; c += l.blocks.cols) {
            const uint32_t n = smaller(l.blocks.cols, cols - c);
            if (!l.whole) {
                tile = load(&l, r, c, m, n);
                vector_by_row(VECTOR_SUB, m, n, tile, tile, mean);
            }
            finish(&l, tile, scale, r, c, m, n);
        }
    }
}
