/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loss = sum of weights (lse - x . row of w that is the target), lse = log of the sum of exponentials of a token's
 * logits x w^T, which are not stored (head_loss.h, online_softmax.h).
 */
#include "firmware/kernels/head_loss.h"

#include "firmware/kernels/kernels.h"
#include "firmware/kernels/online_softmax.h"

struct forward {
    struct head_loss h;
    struct tensor lse, loss;
    struct online_softmax softmax;
    struct tile maxima, sums;        /* [block] */
    struct tile parts[2];            /* [few] */
    struct tile loss_sum, loss_part; /* [1] */
};

static bool several(const struct head_loss* h, const struct head_loss_cut* c) { return c->slice < h->vocabulary; }

static uint64_t more_bytes(const struct head_loss* h, const struct head_loss_cut* c) {
    return online_softmax_bytes(c->slice, c->block, several(h, c)) + 2 * tile_bytes(1, c->block, FORMAT_FP32) +
           2 * tile_bytes(1, c->few, FORMAT_FP32) + 2 * tile_bytes(1, 1, FORMAT_FP32);
}

static void take_tiles(struct forward* f) {
    const struct head_loss_cut* c = &f->h.cut;
    head_loss_tiles(&f->h);
    online_softmax_tiles(&f->softmax, c->slice, c->block, several(&f->h, c));
    f->maxima = tile_allocate(1, c->block, FORMAT_FP32);
    f->sums = tile_allocate(1, c->block, FORMAT_FP32);
    for (uint32_t i = 0; i < 2; ++i)
        f->parts[i] = tile_allocate(1, c->few, FORMAT_FP32);
    f->loss_sum = tile_allocate(1, 1, FORMAT_FP32);
    f->loss_part = tile_allocate(1, 1, FORMAT_FP32);
}

/* Sums of exponentials of a block. The next slice is multiplied while this one is summed up. */
static void sum_up(struct forward* f, uint32_t token, uint32_t tokens) {
    struct head_loss* h = &f->h;
    head_loss_load_block(h, token, tokens);
    head_loss_multiply(h, 0, 0, smaller(h->cut.slice, h->vocabulary), tokens, 0);
    uint32_t set = 0;
    for (uint32_t entry = 0; entry < h->vocabulary; entry += h->cut.slice, set ^= 1) {
        const uint32_t next = entry + h->cut.slice;
        if (next < h->vocabulary)
            head_loss_multiply(h, set ^ 1, next, smaller(h->cut.slice, h->vocabulary - next), tokens, 0);
        const struct tile logits = head_loss_logits(h, set, tokens);
        online_softmax_add(&f->softmax, smaller(h->cut.slice, h->vocabulary - entry), tokens, &logits, &f->maxima,
                           &f->sums, entry == 0);
    }
    online_softmax_log(tokens, &f->maxima, &f->sums);
    tile_store(&f->sums, &f->lse, 0, token, 1, tokens);
}

/* The losses of a block. */
static void add_to_loss(struct forward* f, uint32_t token, uint32_t tokens) {
    struct head_loss* h = &f->h;
    uint32_t set = 0;
    for (uint32_t i = 0; i < tokens; i += h->cut.few, set ^= 1) {
        const uint32_t count = smaller(h->cut.few, tokens - i);
        const bool first = token + i == 0;
        const struct tile *part = &f->parts[set], lse = tile_view(&f->sums, 0, i);
        head_loss_gather(h, set, token + i, count);
        vector_binary(VECTOR_ROW_DOT, count, h->width, part, &h->entries[set], &h->few_tokens[set]);
        vector_binary(VECTOR_SUB, 1, count, part, &lse, part);
        vector_binary(VECTOR_ROW_DOT, 1, count, first ? &f->loss_sum : &f->loss_part, part, &h->few_weights[set]);
        if (!first) vector_binary(VECTOR_ADD, 1, 1, &f->loss_sum, &f->loss_sum, &f->loss_part);
    }
}

void kernel_head_loss(const struct image_op* op) {
    struct forward f;
    head_loss_open(&f.h, op, 2, more_bytes);
    tensor_open(&f.lse, 0);
    tensor_open(&f.loss, 1);
    take_tiles(&f);
    for (uint32_t token = 0; token < f.h.tokens; token += f.h.cut.block) {
        const uint32_t tokens = smaller(f.h.cut.block, f.h.tokens - token);
        sum_up(&f, token, tokens);
        add_to_loss(&f, token, tokens);
    }
    tile_store(&f.loss_sum, &f.loss, 0, 0, 1, 1);
}
