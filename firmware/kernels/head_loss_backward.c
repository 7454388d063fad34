/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gradients of head_loss.c. Logits are computed once more; with p = weight exp(logits - lse), for which the bias of
 * the product is log weight - lse,
 *
 *     dx = p^T w - weight row of w that is the target
 *     dw = p x, and of each token weight x less in the row that is its target
 *
 * The first terms come by slices, and dx stays in the scratchpad for all of them. The others are gathered and
 * scattered.
 */
#include "firmware/kernels/head_loss.h"
#include "firmware/kernels/kernels.h"

struct backward {
    struct head_loss h;
    struct tensor dx, dw, lse;
    struct tile dblock;      /* of dx */
    struct tile dslices[2];  /* of dw */
    struct tile bias, minus; /* [block] */
    bool adds;               /* to dw */
    uint32_t fences[RUNTIME_STORE_QUEUES];
};

static uint64_t more_bytes(const struct head_loss* h, const struct head_loss_cut* c) {
    return tile_bytes(c->block, h->width, FORMAT_FP32) + c->sets * tile_bytes(c->slice, h->width, FORMAT_FP32) +
           2 * tile_bytes(1, c->block, FORMAT_FP32);
}

static void take_tiles(struct backward* b) {
    const struct head_loss_cut* c = &b->h.cut;
    head_loss_tiles(&b->h);
    b->dblock = tile_allocate(c->block, b->h.width, FORMAT_FP32);
    for (uint32_t i = 0; i < c->sets; ++i)
        b->dslices[i] = tile_allocate(c->slice, b->h.width, FORMAT_FP32);
    b->bias = tile_allocate(1, c->block, FORMAT_FP32);
    b->minus = tile_allocate(1, c->block, FORMAT_FP32);
}

/* Of weight 0 it is minus infinity, whose exponential is 0. */
static void open_bias(struct backward* b, uint32_t token, uint32_t tokens) {
    tile_load(&b->bias, &b->h.weights, 0, token, 1, tokens);
    tile_load(&b->minus, &b->lse, 0, token, 1, tokens);
    vector_unary(VECTOR_LOG, 1, tokens, &b->bias, &b->bias, 0, 0);
    vector_binary(VECTOR_SUB, 1, tokens, &b->bias, &b->bias, &b->minus);
}

static void multiply(struct backward* b, uint32_t set, uint32_t entry, uint32_t entries, uint32_t token,
                     uint32_t tokens) {
    const struct head_loss* h = &b->h;
    const struct tile p = head_loss_logits(h, set, tokens);
    vector_unary(VECTOR_EXP, 1, entries * tokens, &p, &p, 0, 0);
    matrix_multiply(&b->dblock, &p, &h->slices[set], 0, tokens, h->width, entries,
                    MATRIX_TRANSPOSE_A | (entry ? MATRIX_ACCUMULATE : 0));
    const bool adds = token || b->adds;
    if (adds) tile_load(&b->dslices[set], &b->dw, entry, 0, entries, h->width);
    matrix_multiply(&b->dslices[set], &p, &h->block, 0, entries, h->width, tokens, adds ? MATRIX_ACCUMULATE : 0);
    tile_store(&b->dslices[set], &b->dw, entry, 0, entries, h->width);
}

static void differentiate(struct backward* b, uint32_t token, uint32_t tokens) {
    struct head_loss* h = &b->h;
    head_loss_load_block(h, token, tokens);
    open_bias(b, token, tokens);
    head_loss_multiply(h, 0, 0, smaller(h->cut.slice, h->vocabulary), tokens, &b->bias);
    uint32_t set = 0;
    for (uint32_t entry = 0; entry < h->vocabulary; entry += h->cut.slice, set ^= 1) {
        const uint32_t next = entry + h->cut.slice;
        if (next < h->vocabulary)
            head_loss_multiply(h, set ^ 1, next, smaller(h->cut.slice, h->vocabulary - next), tokens, &b->bias);
        multiply(b, set, entry, smaller(h->cut.slice, h->vocabulary - entry), token, tokens);
    }
}

/* What belongs to targets alone. dw is there when it is added to. */
static void subtract_targets(struct backward* b, uint32_t token, uint32_t tokens) {
    struct head_loss* h = &b->h;
    tensor_after_stores(&b->dw, b->fences);
    uint32_t set = 0;
    for (uint32_t i = 0; i < tokens; i += h->cut.few, set ^= 1) {
        const uint32_t count = smaller(h->cut.few, tokens - i);
        const struct tile *entries = &h->entries[set], *x = &h->few_tokens[set], *weights = &h->few_weights[set];
        const struct tile dx = tile_view(&b->dblock, i, 0);
        head_loss_gather(h, set, token + i, count);
        vector_by_row(VECTOR_MUL, count, h->width, entries, entries, weights);
        vector_binary(VECTOR_SUB, count, h->width, &dx, &dx, entries);
        vector_unary(VECTOR_AFFINE, 1, count, weights, weights, -1, 0);
        vector_by_row(VECTOR_MUL, count, h->width, x, x, weights);
        tile_scatter_add(x, &b->dw, 0, &h->targets, token + i, count, h->width, h->vocabulary);
    }
    tile_store(&b->dblock, &b->dx, token, 0, tokens, h->width);
    tensor_after_stores(&b->dw, b->fences); /* for the next block */
}

void kernel_head_loss_backward(const struct image_op* op) {
    struct backward b;
    head_loss_open(&b.h, op, 2, more_bytes);
    tensor_open(&b.dx, 0);
    tensor_open(&b.dw, 1);
    tensor_open(&b.lse, 6);
    b.adds = operand_accumulates(op, 1);
    take_tiles(&b);
    for (uint32_t token = 0; token < b.h.tokens; token += b.h.cut.block) {
        const uint32_t tokens = smaller(b.h.cut.block, b.h.tokens - token);
        differentiate(&b, token, tokens);
        subtract_targets(&b, token, tokens);
    }
}
