/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How [rows, cols] is cut into blocks that fit the arena, and how a kernel goes through them. A block needs some
 * [rows, cols] tiles ("wide") and some [rows] vectors ("narrow"); an operator may also keep [cols] vectors for all of
 * its run ("kept"). Blocks alternate between two sets of tiles, so that loads, compute and stores of neighbouring
 * blocks overlap.
 *
 * A block is whole rows; where not even one row fits, it is one row, which every pass over it reads in chunks:
 *
 *     struct at at = at_start(&blocks);
 *     while (next_rows(&at)) {
 *         while (next_chunk(&at)) {
 *             x = load_next(&at, &xs, &tensor);
 *             row_sum(&at, sum, part, x);
 *         }
 *         while (next_chunk(&at)) {
 *             if (!blocks.whole) x = load_next(&at, &xs, &tensor);
 *             by_row(&at, VECTOR_SUB, x, sum);
 *             store(&at, x, &result);
 *         }
 *     }
 *
 * All of it is inline, as command.h is: the hart is what a small chip waits for.
 */
#ifndef GRADUS_FIRMWARE_KERNELS_BLOCKS_H
#define GRADUS_FIRMWARE_KERNELS_BLOCKS_H

#include "firmware/runtime/compute.h"

#define BLOCK_SETS 2u

struct blocks {
    uint32_t rows, cols; /* of the operator */
    uint32_t block_rows, block_cols;
    uint32_t sets; /* 1 or 2 */
    bool whole;    /* a block has whole rows */
};

struct block_needs {
    uint32_t wide;
    uint32_t narrow;
    uint32_t kept;
};

/* Blocks of whole rows; of one row cut into chunks of columns where a row does not fit. */
struct blocks blocks_of_rows(uint32_t rows, uint32_t cols, struct block_needs needs);

/* Blocks of an operator that does not care where rows end: without gaps in its tensors, all of it is one long row. */
struct blocks blocks_of_elements(const struct image_op* op, uint32_t wide, const struct tensor* const* tensors,
                                 uint32_t count);

/* A tile of a block for each set. */
struct tile_sets {
    struct tile tile[BLOCK_SETS];
};

struct tile_sets blocks_wide(const struct blocks* blocks);
struct tile_sets blocks_narrow(const struct blocks* blocks);

/* A vector that is kept, [cols] of a block. */
static inline struct tile blocks_kept(const struct blocks* blocks) {
    return tile_allocate(1, blocks->block_cols, FORMAT_FP32);
}

/* Where a kernel is: at the block [rows, cols] from [row, col] on. */
struct at {
    const struct blocks* blocks;
    uint32_t row, col, rows, cols;
    uint32_t wide, narrow; /* the sets of tiles in use */
};

/* The set after this one. */
COMMAND_INLINE uint32_t set_after(const struct at* at, uint32_t set) {
    return set + 1 < at->blocks->sets ? set + 1 : 0;
}

/* Before the first block. */
COMMAND_INLINE struct at at_start(const struct blocks* blocks) {
    return (struct at){.blocks = blocks, .wide = blocks->sets - 1, .narrow = blocks->sets - 1};
}

/* On to the next rows; false after the last ones, and then it starts again. */
COMMAND_INLINE bool next_rows(struct at* at) {
    at->row += at->rows;
    at->rows = smaller(at->blocks->block_rows, at->blocks->rows - at->row);
    if (at->rows)
        at->narrow = set_after(at, at->narrow);
    else
        at->row = 0;
    return at->rows;
}

/* The same with columns. */
COMMAND_INLINE bool next_chunk(struct at* at) {
    at->col += at->cols;
    at->cols = smaller(at->blocks->block_cols, at->blocks->cols - at->col);
    if (at->cols == 0) at->col = 0;
    return at->cols;
}

/* On to the next set of wide tiles: whatever loads a block goes there first. */
COMMAND_INLINE void next_tiles(struct at* at) { at->wide = set_after(at, at->wide); }

COMMAND_INLINE const struct tile* wide(const struct at* at, const struct tile_sets* sets) {
    return &sets->tile[at->wide];
}

COMMAND_INLINE const struct tile* narrow(const struct at* at, const struct tile_sets* sets) {
    return &sets->tile[at->narrow];
}

/* The block of a tensor. */
COMMAND_INLINE const struct tile* load(const struct at* at, const struct tile_sets* sets, struct tensor* tensor) {
    const struct tile* tile = wide(at, sets);
    tile_load(tile, tensor, at->row, at->col, at->rows, at->cols);
    return tile;
}

COMMAND_INLINE const struct tile* load_next(struct at* at, const struct tile_sets* sets, struct tensor* tensor) {
    next_tiles(at);
    return load(at, sets, tensor);
}

COMMAND_INLINE void store(const struct at* at, const struct tile* tile, struct tensor* tensor) {
    tile_store(tile, tensor, at->row, at->col, at->rows, at->cols);
}

/* The block's elements of a vector [rows]. */
COMMAND_INLINE const struct tile* load_narrow(const struct at* at, const struct tile_sets* sets,
                                              struct tensor* tensor) {
    const struct tile* tile = narrow(at, sets);
    tile_load(tile, tensor, 0, at->row, 1, at->rows);
    return tile;
}

COMMAND_INLINE void store_narrow(const struct at* at, const struct tile* tile, struct tensor* tensor) {
    tile_store(tile, tensor, 0, at->row, 1, at->rows);
}

/* What is computed with a block, in place: x = f(x), x = x op y, x = s x + t y, x = x op v[row]. */
COMMAND_INLINE void unary(const struct at* at, uint32_t opcode, const struct tile* x, float s0, float s1) {
    vector_unary(opcode, at->rows, at->cols, x, x, s0, s1);
}

COMMAND_INLINE void binary(const struct at* at, uint32_t opcode, const struct tile* x, const struct tile* y) {
    vector_binary(opcode, at->rows, at->cols, x, x, y);
}

COMMAND_INLINE void blend(const struct at* at, const struct tile* x, float s, const struct tile* y, float t) {
    vector_blend(at->rows, at->cols, x, x, s, y, t);
}

COMMAND_INLINE void by_row(const struct at* at, uint32_t opcode, const struct tile* x, const struct tile* v) {
    vector_by_row(opcode, at->rows, at->cols, x, x, v);
}

/* The same with vectors [rows]. */
COMMAND_INLINE void narrow_unary(const struct at* at, uint32_t opcode, const struct tile* v, float s0, float s1) {
    vector_unary(opcode, 1, at->rows, v, v, s0, s1);
}

COMMAND_INLINE void narrow_binary(const struct at* at, uint32_t opcode, const struct tile* v, const struct tile* w) {
    vector_binary(opcode, 1, at->rows, v, v, w);
}

/*
 * v = a sum, maximum or dot product of each row. The first chunk's goes straight to v, a later one's by way of `part`.
 */
COMMAND_INLINE const struct tile* row_part(const struct at* at, const struct tile* v, const struct tile* part) {
    return at->col ? part : v;
}

COMMAND_INLINE void row_sum(const struct at* at, const struct tile* v, const struct tile* part, const struct tile* x) {
    vector_unary(VECTOR_ROW_SUM, at->rows, at->cols, row_part(at, v, part), x, 0, 0);
    if (at->col) narrow_binary(at, VECTOR_ADD, v, part);
}

COMMAND_INLINE void row_max(const struct at* at, const struct tile* v, const struct tile* part, const struct tile* x) {
    vector_unary(VECTOR_ROW_MAX, at->rows, at->cols, row_part(at, v, part), x, 0, 0);
    if (at->col) narrow_binary(at, VECTOR_MAX, v, part);
}

COMMAND_INLINE void row_dot(const struct at* at, const struct tile* v, const struct tile* part, const struct tile* x,
                            const struct tile* y) {
    vector_binary(VECTOR_ROW_DOT, at->rows, at->cols, row_part(at, v, part), x, y);
    if (at->col) narrow_binary(at, VECTOR_ADD, v, part);
}

/* A result that is added to what lies there, where the operator says so; that takes one more wide tile. */
struct result {
    struct tensor tensor;
    uint32_t adds; /* 0 or 1 */
    struct tile_sets olds;
};

void result_open(struct result* result, uint32_t operand);

/* Takes its tiles. */
static inline void result_tiles(struct result* result, const struct blocks* blocks) {
    if (result->adds) result->olds = blocks_wide(blocks);
}

COMMAND_INLINE void store_result(const struct at* at, const struct tile* tile, struct result* result) {
    if (result->adds) binary(at, VECTOR_ADD, tile, load(at, &result->olds, &result->tensor));
    store(at, tile, &result->tensor);
}

/* An operand [cols] that goes with every row, if there is one: kept, or read anew for each chunk. */
struct row_operand {
    struct tensor tensor;
    uint32_t present; /* 0 or 1: so many kept vectors */
    struct tile tile, repeated;
};

void row_open(struct row_operand* row, uint32_t operand);

/* Takes its tile. */
void row_tiles(struct row_operand* row, const struct blocks* blocks);

/* x = x op row, if there is one. */
COMMAND_INLINE void by_column(const struct at* at, uint32_t opcode, const struct tile* x, struct row_operand* row) {
    if (!row->present) return;
    if (!at->blocks->whole) tile_load(&row->tile, &row->tensor, 0, at->col, 1, at->cols);
    binary(at, opcode, x, &row->repeated);
}

/* A result [cols], if there is one: a sum over all rows, and what lies there if it is added to. */
struct column_sum {
    struct tensor tensor;
    bool present, adds;
    struct tile sum, part;
};

#define COLUMN_SUM_KEPT 2u /* vectors, if there is one */

void column_sum_open(struct column_sum* result, uint32_t operand);

/* Takes its tiles. */
void column_sum_tiles(struct column_sum* result, const struct blocks* blocks);

/* Adds the columns of a block to the sums, which begin with its first rows. */
COMMAND_INLINE void add_columns(const struct at* at, struct column_sum* result, const struct tile* x) {
    const bool first = at->row == 0 && !result->adds;
    if (at->row == 0 && result->adds) tile_load(&result->sum, &result->tensor, 0, at->col, 1, at->cols);
    vector_unary(VECTOR_COLUMN_SUM, at->rows, at->cols, first ? &result->sum : &result->part, x, 0, 0);
    if (!first) vector_binary(VECTOR_ADD, 1, at->cols, &result->sum, &result->sum, &result->part);
}

COMMAND_INLINE void store_columns(struct column_sum* result, uint32_t col, uint32_t cols) {
    tile_store(&result->sum, &result->tensor, 0, col, 1, cols);
}

#endif
