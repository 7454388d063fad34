/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softmax with a weighted cross-entropy loss, and its gradient. Where a row of logits does not fit the arena, it is
 * read in chunks; what belongs to the target's column is then fetched, or corrected, by the DMA in DRAM, one element a
 * row.
 */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

/* One row of a tensor as a column of elements, for an index to choose from. */
static struct tensor elements_of_row(const struct tensor* tensor, uint32_t row) {
    struct tensor elements = *tensor;
    elements.address += (uint64_t)row * tensor->pitch;
    elements.pitch = tensor->format == FORMAT_BF16 ? 2 : 4;
    return elements;
}

struct cross_entropy {
    struct tensor p, loss, logits, targets, weights;
    uint32_t rows, cols;
    struct blocks blocks;
    bool whole;
    uint32_t set;
    struct tile loss_sum, loss_part;                                     /* [1] */
    struct tile_sets xs;                                                 /* [rows, cols] */
    struct tile_sets maxima, sums, parts, picks, targets_of, weights_of; /* [rows] */
};

static void open(struct cross_entropy* e, const struct image_op* op) {
    tensor_open(&e->p, 0);
    tensor_open(&e->loss, 1);
    tensor_open(&e->logits, 2);
    tensor_open(&e->targets, 3);
    tensor_open(&e->weights, 4);
    e->rows = op->dims[0];
    e->cols = op->dims[1];
    e->set = 0;
    e->loss_sum = tile_allocate(1, 1, FORMAT_FP32);
    e->loss_part = tile_allocate(1, 1, FORMAT_FP32);
    e->blocks = blocks_of_rows(e->rows, e->cols, (struct block_needs){.wide = 1, .narrow = 6});
    e->whole = e->blocks.cols == e->cols;
    e->xs = blocks_wide(&e->blocks);
    struct tile_sets* const narrow[] = {&e->maxima, &e->sums, &e->parts, &e->picks, &e->targets_of, &e->weights_of};
    for (unsigned i = 0; i < sizeof narrow / sizeof narrow[0]; ++i)
        *narrow[i] = blocks_narrow(&e->blocks);
}

static const struct tile* load_logits(struct cross_entropy* e, uint32_t r, uint32_t c, uint32_t m, uint32_t n) {
    const struct tile* tile = &e->xs.tile[e->set];
    e->set = blocks_next(&e->blocks, e->set);
    tile_load(tile, &e->logits, r, c, m, n);
    return tile;
}

/* The target's logit less the row's maximum, where rows come in chunks. */
static void pick_in_dram(struct cross_entropy* e, const struct tile* pick, const struct tile* maximum, uint32_t r,
                         uint32_t m) {
    for (uint32_t i = 0; i < m; ++i) {
        const struct tile one = tile_view(pick, i, 0);
        struct tensor row = elements_of_row(&e->logits, r + i);
        tile_gather(&one, &row, 0, &e->targets, r + i, 1, 1, e->cols);
    }
    vector_binary(VECTOR_SUB, 1, m, pick, pick, maximum);
}

/* loss += sum over the block of w (log(sum) - picked logit) */
static void add_to_loss(struct cross_entropy* e, uint32_t block, uint32_t m, bool first) {
    const struct tile *part = &e->parts.tile[block], *pick = &e->picks.tile[block];
    vector_unary(VECTOR_LOG, 1, m, part, &e->sums.tile[block], 0, 0);
    vector_binary(VECTOR_SUB, 1, m, part, part, pick);
    vector_binary(VECTOR_ROW_DOT, 1, m, first ? &e->loss_sum : &e->loss_part, part, &e->weights_of.tile[block]);
    if (!first) vector_binary(VECTOR_ADD, 1, 1, &e->loss_sum, &e->loss_sum, &e->loss_part);
}

void kernel_cross_entropy(const struct image_op* op) {
    struct cross_entropy e;
    open(&e, op);
    const uint32_t rows = e.rows, cols = e.cols;
    uint32_t block = 0;
    for (uint32_t r = 0; r < rows; r += e.blocks.rows, block = blocks_next(&e.blocks, block)) {
        const uint32_t m = smaller(e.blocks.rows, rows - r);
        const struct tile *maximum = &e.maxima.tile[block], *sum = &e.sums.tile[block], *part = &e.parts.tile[block];
        const struct tile* tile = &e.xs.tile[0];
        if (e.whole) tile_load(&e.targets_of.tile[block], &e.targets, 0, r, 1, m);
        tile_load(&e.weights_of.tile[block], &e.weights, 0, r, 1, m);
        for (uint32_t c = 0; c < cols; c += e.blocks.cols) {
            const uint32_t n = smaller(e.blocks.cols, cols - c);
            tile = load_logits(&e, r, c, m, n);
            vector_unary(VECTOR_ROW_MAX, m, n, c ? part : maximum, tile, 0, 0);
            if (c) vector_binary(VECTOR_MAX, 1, m, maximum, maximum, part);
        }
        if (!e.whole) pick_in_dram(&e, &e.picks.tile[block], maximum, r, m);
        for (uint32_t c = 0; c < cols; c += e.blocks.cols) {
            const uint32_t n = smaller(e.blocks.cols, cols - c);
            if (!e.whole) tile = load_logits(&e, r, c, m, n);
            vector_by_row(VECTOR_SUB, m, n, tile, tile, maximum);
            if (e.whole) vector_indexed(VECTOR_PICK, m, n, &e.picks.tile[block], tile, &e.targets_of.tile[block], cols);
            vector_unary(VECTOR_EXP, m, n, tile, tile, 0, 0);
            vector_unary(VECTOR_ROW_SUM, m, n, c ? part : sum, tile, 0, 0);
            if (c) vector_binary(VECTOR_ADD, 1, m, sum, sum, part);
        }
        add_to_loss(&e, block, m, r == 0);
        vector_unary(VECTOR_RECIPROCAL, 1, m, sum, sum, 0, 0);
        for (uint32_t c = 0; c < cols; c += e.blocks.cols) {
            const uint32_t n = smaller(e.blocks.cols, cols - c);
            if (!e.whole) {
                tile = load_logits(&e, r, c, m, n);
                vector_by_row(VECTOR_SUB, m, n, tile, tile, maximum);
                vector_unary(VECTOR_EXP, m, n, tile, tile, 0, 0);
            }
            vector_by_row(VECTOR_MUL, m, n, tile, tile, sum);
            tile_store(tile, &e.p, r, c, m, n);
        }
    }
    tile_store(&e.loss_sum, &e.loss, 0, 0, 1, 1);
}

void kernel_cross_entropy_backward(const struct image_op* op) {
    struct tensor dlogits, p, targets, weights;
    tensor_open(&dlogits, 0);
    tensor_open(&p, 1);
    tensor_open(&targets, 2);
    tensor_open(&weights, 3);
    const uint32_t rows = op->dims[0], cols = op->dims[1];
    const struct blocks blocks = blocks_of_rows(rows, cols, (struct block_needs){.wide = 1, .narrow = 2});
    const bool whole = blocks.cols == cols;
    const struct tile_sets ps = blocks_wide(&blocks), targets_of = blocks_narrow(&blocks),
                           weights_of = blocks_narrow(&blocks);

    uint32_t set = 0, block = 0;
    for (uint32_t r = 0; r < rows; r += blocks.rows, block = blocks_next(&blocks, block)) {
        const uint32_t m = smaller(blocks.rows, rows - r);
        const struct tile *target = &targets_of.tile[block], *weight = &weights_of.tile[block];
        tile_load(weight, &weights, 0, r, 1, m);
        if (whole) tile_load(target, &targets, 0, r, 1, m);
        for (uint32_t c = 0; c < cols; c += blocks.cols, set = blocks_next(&blocks, set)) {
            const uint32_t n = smaller(blocks.cols, cols - c);
            const struct tile* tile = &ps.tile[set];
            tile_load(tile, &p, r, c, m, n);
            if (whole) vector_indexed(VECTOR_SUBTRACT_ONE_HOT, m, n, tile, tile, target, cols);
            vector_by_row(VECTOR_MUL, m, n, tile, tile, weight);
            tile_store(tile, &dlogits, r, c, m, n);
        }
        if (whole) continue;
        vector_unary(VECTOR_AFFINE, 1, m, weight, weight, -1.0f, 0);
        for (uint32_t i = 0; i < m; ++i) {
            uint32_t fences[RUNTIME_STORE_QUEUES];
            const struct tile one = tile_view(weight, i, 0);
            struct tensor row = elements_of_row(&dlogits, r + i);
            tensor_after_stores(&row, fences);
            tile_scatter_add(&one, &row, 0, &targets, r + i, 1, 1, cols);
        }
    }
}
