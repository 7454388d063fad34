/* SPDX-License-Identifier: Apache-2.0 */
/*
 * y = softmax(s0 x) by rows, for whoever says what is hidden: a file that includes this defines the three functions
 * below. Rows that fit the arena take one command where the vector unit has it. Rows that do not are read three times:
 * for the maximum, for the sum of exponentials, for the result.
 */
#ifndef GRADUS_FIRMWARE_KERNELS_SOFTMAX_ROWS_H
#define GRADUS_FIRMWARE_KERNELS_SOFTMAX_ROWS_H

#include <stddef.h>

#include "firmware/kernels/blocks.h"

/* Its exponential is zero beside anything that is not masked. */
#define MASKED VECTOR_SOFTMAX_HIDDEN

static bool is_one(float value) {
    union {
        float value;
        uint32_t bits;
    } one = {.value = value};
    return one.bits == 0x3f800000u;
}

struct softmax {
    struct tensor y, x;
    float scale;
    uint32_t period; /* 0: nothing is hidden */
    struct blocks blocks;
    struct tile_sets xs;
};

/* A block of scaled scores, of which those that are hidden are MASKED. */
static const struct tile* load_logits(struct softmax* s, struct at* at);
/* How many rows of a block it takes at a time. */
static uint32_t rows_of_block(const struct softmax* s, const struct at* at);
/* One command a block. */
static void softmax_by_command(struct softmax* s);

static void softmax_by_steps(struct softmax* s) {
    const struct tile_sets maxima = blocks_narrow(&s->blocks), sums = blocks_narrow(&s->blocks),
                           parts = blocks_narrow(&s->blocks);
    struct at at = at_start(&s->blocks);
    while (next_rows(&at)) {
        at.rows = rows_of_block(s, &at);
        const struct tile *maximum = narrow(&at, &maxima), *sum = narrow(&at, &sums), *part = narrow(&at, &parts);
        const struct tile* tile = NULL;
        while (next_chunk(&at)) {
            tile = load_logits(s, &at);
            row_max(&at, maximum, part, tile);
        }
        while (next_chunk(&at)) {
            if (!s->blocks.whole) tile = load_logits(s, &at);
            by_row(&at, VECTOR_SUB, tile, maximum);
            unary(&at, VECTOR_EXP, tile, 0, 0);
            row_sum(&at, sum, part, tile);
        }
        narrow_unary(&at, VECTOR_RECIPROCAL, sum, 0, 0);
        while (next_chunk(&at)) {
            if (!s->blocks.whole) {
                tile = load_logits(s, &at);
                by_row(&at, VECTOR_SUB, tile, maximum);
                unary(&at, VECTOR_EXP, tile, 0, 0);
            }
            by_row(&at, VECTOR_MUL, tile, sum);
            store(&at, tile, &s->y);
        }
    }
}

static inline void softmax(const struct image_op* op, uint32_t period) {
    struct softmax s;
    s.scale = op->scalar[0];
    s.period = period;
    tensor_open(&s.y, 0);
    tensor_open(&s.x, 1);
    s.blocks = blocks_of_rows(op->dims[0], op->dims[1], (struct block_needs){.wide = 1, .narrow = 3});
    s.xs = blocks_wide(&s.blocks);
    if (s.blocks.whole && runtime.vector_features & INFO_VECTOR_SOFTMAX)
        softmax_by_command(&s);
    else
        softmax_by_steps(&s);
}

#endif
