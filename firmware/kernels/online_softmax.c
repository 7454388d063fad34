/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/online_softmax.h"

static uint32_t rows_of_halves(uint32_t rows) { return online_softmax_by_command() ? 0 : (rows + 1) / 2; }

void online_softmax_tiles(struct online_softmax* o, uint32_t rows, uint32_t cols, bool several) {
    o->halves = tile_allocate(rows_of_halves(rows), cols, FORMAT_FP32);
    o->part = tile_allocate(1, cols, FORMAT_FP32);
    if (several) o->decay = tile_allocate(1, cols, FORMAT_FP32);
}

uint64_t online_softmax_bytes(uint32_t rows, uint32_t cols, bool several) {
    return tile_bytes(rows_of_halves(rows), cols, FORMAT_FP32) + (several ? 2 : 1) * tile_bytes(1, cols, FORMAT_FP32);
}

/* Half of the rows against the other half, and so on. */
static void max_by_halves(const struct online_softmax* o, uint32_t rows, uint32_t cols, const struct tile* maxima,
                          const struct tile* block) {
    if (rows == 1) {
        vector_unary(VECTOR_AFFINE, 1, cols, maxima, block, 1, 0);
        return;
    }
    const struct tile* from = block;
    while (rows > 1) {
        /* What is not changed in place may have a row in both halves. */
        const uint32_t half = from == block ? (rows + 1) / 2 : rows / 2;
        const struct tile other = tile_view(from, 0, (rows - half) * cols);
        const struct tile* to = rows == 2 ? maxima : &o->halves;
        vector_binary(VECTOR_MAX, 1, half * cols, to, from, &other);
        rows = from == block ? half : rows - half;
        from = to;
    }
}

/* The maximum of each column. */
static void column_max(const struct online_softmax* o, uint32_t rows, uint32_t cols, const struct tile* maxima,
                       const struct tile* block) {
    if (online_softmax_by_command())
        vector_unary(VECTOR_COLUMN_MAX, rows, cols, maxima, block, 0, 0);
    else
        max_by_halves(o, rows, cols, maxima, block);
}

/* The block becomes its exponentials below the maxima, and `sums` the sums of its columns. */
static void exponentials(uint32_t rows, uint32_t cols, const struct tile* block, const struct tile* maxima,
                         const struct tile* sums) {
    if (online_softmax_by_command()) {
        vector_column_exp(rows, cols, block, block, maxima, sums);
        return;
    }
    const struct tile repeated = tile_repeat(maxima);
    vector_binary(VECTOR_SUB, rows, cols, block, block, &repeated);
    vector_unary(VECTOR_EXP, 1, rows * cols, block, block, 0, 0);
    vector_unary(VECTOR_COLUMN_SUM, rows, cols, sums, block, 0, 0);
}

/* The maxima so far become those with another block, which are in `part`. */
static void raise_maxima(const struct online_softmax* o, uint32_t cols, const struct tile* maxima) {
    vector_binary(VECTOR_MAX, 1, cols, &o->part, &o->part, maxima);
    vector_binary(VECTOR_SUB, 1, cols, &o->decay, maxima, &o->part);
    vector_unary(VECTOR_EXP, 1, cols, &o->decay, &o->decay, 0, 0);
    vector_binary(VECTOR_MAX, 1, cols, maxima, maxima, &o->part);
}

void online_softmax_add(const struct online_softmax* o, uint32_t rows, uint32_t cols, const struct tile* block,
                        const struct tile* maxima, const struct tile* sums, bool first) {
    column_max(o, rows, cols, first ? maxima : &o->part, block);
    if (!first) raise_maxima(o, cols, maxima);
    exponentials(rows, cols, block, maxima, first ? sums : &o->part);
    if (first) return;
    vector_binary(VECTOR_MUL, 1, cols, sums, sums, &o->decay);
    vector_binary(VECTOR_ADD, 1, cols, sums, sums, &o->part);
}

void online_softmax_log(uint32_t cols, const struct tile* maxima, const struct tile* sums) {
    vector_unary(VECTOR_LOG, 1, cols, sums, sums, 0, 0);
    vector_binary(VECTOR_ADD, 1, cols, sums, sums, maxima);
}
