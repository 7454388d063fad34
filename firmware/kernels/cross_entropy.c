/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softmax with a weighted cross-entropy loss, and its gradient. Where a row of logits does not fit the arena, it is
 * read in chunks; what belongs to the target's column is then fetched, or corrected, by the DMA in DRAM, one element a
 * row.
 */
#include <stddef.h>

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
    struct blocks blocks;
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
    e->loss_sum = tile_allocate(1, 1, FORMAT_FP32);
    e->loss_part = tile_allocate(1, 1, FORMAT_FP32);
    e->blocks = blocks_of_rows(op->dims[0], op->dims[1], (struct block_needs){.wide = 1, .narrow = 6});
    e->xs = blocks_wide(&e->blocks);
    struct tile_sets* const vectors[] = {&e->maxima, &e->sums, &e->parts, &e->picks, &e->targets_of, &e->weights_of};
    for (unsigned i = 0; i < sizeof vectors / sizeof vectors[0]; ++i)
        *vectors[i] = blocks_narrow(&e->blocks);
}

/* The target's logit less the row's maximum, where rows come in chunks. */
static void pick_in_dram(struct cross_entropy* e, const struct at* at, const struct tile* pick,
                         const struct tile* maximum) {
    for (uint32_t i = 0; i < at->rows; ++i) {
        const struct tile one = tile_view(pick, i, 0);
        struct tensor row = elements_of_row(&e->logits, at->row + i);
        tile_gather(&one, &row, 0, &e->targets, at->row + i, 1, 1, e->blocks.cols);
    }
    narrow_binary(at, VECTOR_SUB, pick, maximum);
}

/* loss += sum over the block of w (log(sum) - picked logit) */
static void add_to_loss(struct cross_entropy* e, const struct at* at) {
    const struct tile* part = narrow(at, &e->parts);
    const bool first = at->row == 0;
    vector_unary(VECTOR_LOG, 1, at->rows, part, narrow(at, &e->sums), 0, 0);
    narrow_binary(at, VECTOR_SUB, part, narrow(at, &e->picks));
    vector_binary(VECTOR_ROW_DOT, 1, at->rows, first ? &e->loss_sum : &e->loss_part, part, narrow(at, &e->weights_of));
    if (!first) vector_binary(VECTOR_ADD, 1, 1, &e->loss_sum, &e->loss_sum, &e->loss_part);
}

void kernel_cross_entropy(const struct image_op* op) {
    struct cross_entropy e;
    open(&e, op);
    const bool whole = e.blocks.whole;
    struct at at = at_start(&e.blocks);
    while (next_rows(&at)) {
        const struct tile *maximum = narrow(&at, &e.maxima), *sum = narrow(&at, &e.sums), *part = narrow(&at, &e.parts),
                          *pick = narrow(&at, &e.picks), *target = narrow(&at, &e.targets_of), *tile = NULL;
        if (whole) load_narrow(&at, &e.targets_of, &e.targets);
        load_narrow(&at, &e.weights_of, &e.weights);
        while (next_chunk(&at)) {
            tile = load_next(&at, &e.xs, &e.logits);
            row_max(&at, maximum, part, tile);
        }
        if (!whole) pick_in_dram(&e, &at, pick, maximum);
        while (next_chunk(&at)) {
            if (!whole) tile = load_next(&at, &e.xs, &e.logits);
            by_row(&at, VECTOR_SUB, tile, maximum);
            if (whole) vector_indexed(VECTOR_PICK, at.rows, at.cols, pick, tile, target, at.cols);
            unary(&at, VECTOR_EXP, tile, 0, 0);
            row_sum(&at, sum, part, tile);
        }
        add_to_loss(&e, &at);
        narrow_unary(&at, VECTOR_RECIPROCAL, sum, 0, 0);
        while (next_chunk(&at)) {
            if (!whole) {
                tile = load_next(&at, &e.xs, &e.logits);
                by_row(&at, VECTOR_SUB, tile, maximum);
                unary(&at, VECTOR_EXP, tile, 0, 0);
            }
            by_row(&at, VECTOR_MUL, tile, sum);
            store(&at, tile, &e.p);
        }
    }
    tile_store(&e.loss_sum, &e.loss, 0, 0, 1, 1);
}

/*
 * dlogits [row, target] -= weight, of one row or several; `weight` and `old` are spent. The DMA adds to fp32 alone;
 * what is bf16 comes to the scratchpad and goes back.
 */
static void subtract_in_dram(const struct at* at, const struct tile* weight, const struct tile* old,
                             const struct tensor* dlogits, struct tensor* targets) {
    narrow_unary(at, VECTOR_AFFINE, weight, -1.0f, 0);
    for (uint32_t i = 0; i < at->rows; ++i) {
        uint32_t fences[RUNTIME_STORE_QUEUES];
        const struct tile one = tile_view(weight, i, 0);
        struct tensor row = elements_of_row(dlogits, at->row + i);
        tensor_after_stores(&row, fences);
        if (row.format == FORMAT_FP32) {
            tile_scatter_add(&one, &row, 0, targets, at->row + i, 1, 1, at->blocks->cols);
            continue;
        }
        const struct tile sum = tile_view(old, i, 0);
        tile_gather(&sum, &row, 0, targets, at->row + i, 1, 1, at->blocks->cols);
        vector_binary(VECTOR_ADD, 1, 1, &sum, &sum, &one);
        tile_scatter(&sum, &row, 0, targets, at->row + i, 1, 1, at->blocks->cols);
    }
}

void kernel_cross_entropy_backward(const struct image_op* op) {
    struct result dlogits;
    struct tensor p, targets, weights;
    result_open(&dlogits, 0);
    tensor_open(&p, 1);
    tensor_open(&targets, 2);
    tensor_open(&weights, 3);
    const struct block_needs needs = {.wide = 1 + dlogits.adds, .narrow = 2};
    const struct blocks blocks = blocks_of_rows(op->dims[0], op->dims[1], needs);
    const struct tile_sets ps = blocks_wide(&blocks), targets_of = blocks_narrow(&blocks),
                           weights_of = blocks_narrow(&blocks);
    result_tiles(&dlogits, &blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at)) {
        const struct tile *weight = load_narrow(&at, &weights_of, &weights), *target = narrow(&at, &targets_of);
        if (blocks.whole) load_narrow(&at, &targets_of, &targets);
        while (next_chunk(&at)) {
            const struct tile* tile = load_next(&at, &ps, &p);
            if (blocks.whole) vector_indexed(VECTOR_SUBTRACT_ONE_HOT, at.rows, at.cols, tile, tile, target, at.cols);
            by_row(&at, VECTOR_MUL, tile, weight);
            store_result(&at, tile, &dlogits);
        }
        if (!blocks.whole) subtract_in_dram(&at, weight, target, &dlogits.tensor, &targets);
    }
}
