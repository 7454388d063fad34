/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How [rows, cols] is cut into blocks that fit the arena. A block needs some [rows, cols] tiles ("wide") and some
 * [rows] vectors ("narrow"); an operator may also keep [cols] vectors for all of its run ("kept"). Blocks alternate
 * between two sets of tiles, so that loads, compute and stores of neighbouring blocks overlap.
 */
#ifndef GRADUS_FIRMWARE_KERNELS_BLOCKS_H
#define GRADUS_FIRMWARE_KERNELS_BLOCKS_H

#include "firmware/runtime/compute.h"

#define BLOCK_SETS 2u

struct blocks {
    uint32_t rows; /* of a block */
    uint32_t cols; /* of a block; below the operator's columns if not even one row fits */
    uint32_t sets; /* 1 or 2 */
};

struct block_needs {
    uint32_t wide;
    uint32_t narrow;
    uint32_t kept;
};

/* Blocks of whole rows; of one row cut into chunks of columns where a row does not fit. */
struct blocks blocks_of_rows(uint32_t rows, uint32_t cols, struct block_needs needs);

/* Blocks of an operator that does not care where rows end. */
struct blocks blocks_of_elements(uint32_t rows, uint32_t cols, uint32_t wide);

/* A tile of a block for each set. */
struct tile_sets {
    struct tile tile[BLOCK_SETS];
};

struct tile_sets blocks_wide(const struct blocks* blocks);
struct tile_sets blocks_narrow(const struct blocks* blocks);

static inline uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* The next of a tile's sets in turn. */
static inline uint32_t blocks_next(const struct blocks* blocks, uint32_t set) {
    return set + 1 == blocks->sets ? 0 : set + 1;
}

/* Whether each row of the tensor follows the one before without a gap. */
static inline bool tensor_is_flat(const struct tensor* tensor, uint32_t cols) {
    return tensor->pitch == cols * (tensor->format == FORMAT_BF16 ? 2 : 4);
}

/* Lets an elementwise operator on gapless operands see [rows, cols] as one long row. */
void blocks_flatten(uint32_t* rows, uint32_t* cols, const struct tensor* const* tensors, uint32_t count);

#endif
