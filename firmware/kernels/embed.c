/* SPDX-License-Identifier: Apache-2.0 */
/* Token and position embedding, and its gradient. The DMA gathers and scatters rows; a block stays within one sequence.
 */
#include "firmware/hal/fail.h"
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

/* Rows until positions repeat; all rows if there are none. */
static uint32_t period_of(const struct image_op* op, bool positions) {
    const uint32_t rows = op->dims[0], period = positions ? op->dims[3] : rows;
    if (period == 0 || rows % period)
        hal_fail(EXIT_IMAGE, "op %u: %u rows are not whole sequences of %u", runtime.op_number, rows, period);
    return period;
}

void kernel_embed(const struct image_op* op) {
    struct tensor out, table, position, tokens;
    tensor_open(&out, 0);
    tensor_open(&table, 1);
    const bool positions = tensor_open_optional(&position, 2);
    tensor_open(&tokens, 3);
    const uint32_t rows = op->dims[0], cols = op->dims[1], entries = op->dims[2];
    const uint32_t period = period_of(op, positions);
    const struct blocks blocks = blocks_of_rows(period, cols, (struct block_needs){.wide = 3});
    const struct tile_sets outs[] = {blocks_wide(&blocks), blocks_wide(&blocks)}, places = blocks_wide(&blocks);

    uint32_t set = 0, turn = 0;
    for (uint32_t t = 0; t < period; t += blocks.rows)
        for (uint32_t c = 0; c < cols; c += blocks.cols, set = blocks_next(&blocks, set)) {
            const uint32_t m = smaller(blocks.rows, period - t), n = smaller(blocks.cols, cols - c);
            const struct tile* place = &places.tile[set];
            if (positions) tile_load(place, &position, t, c, m, n);
            for (uint32_t r = t; r < rows; r += period, turn ^= 1) {
                const struct tile* tile = &outs[turn].tile[set];
                tile_gather(tile, &table, c, &tokens, r, m, n, entries);
                if (positions) vector_binary(VECTOR_ADD, m, n, tile, tile, place);
                tile_store(tile, &out, r, c, m, n);
            }
        }
}

void kernel_embed_backward(const struct image_op* op) {
    struct tensor dtable, dposition, dout, tokens;
    tensor_open(&dtable, 0);
    const bool positions = tensor_open_optional(&dposition, 1);
    tensor_open(&dout, 2);
    tensor_open(&tokens, 3);
    const uint32_t rows = op->dims[0], cols = op->dims[1], entries = op->dims[2];
    const uint32_t period = period_of(op, positions);
    const struct blocks blocks = blocks_of_rows(period, cols, (struct block_needs){.wide = 3});
    const struct tile_sets sums = blocks_wide(&blocks), grads[] = {blocks_wide(&blocks), blocks_wide(&blocks)};

    tensor_zero(&dtable, entries, cols);
    uint32_t set = 0, turn = 0;
    for (uint32_t t = 0; t < period; t += blocks.rows)
        for (uint32_t c = 0; c < cols; c += blocks.cols, set = blocks_next(&blocks, set)) {
            const uint32_t m = smaller(blocks.rows, period - t), n = smaller(blocks.cols, cols - c);
            const struct tile* sum = &sums.tile[set];
            /* The first sequence's block becomes the sum over sequences, after it has been scattered. */
            for (uint32_t r = t; r < rows; r += period) {
                const struct tile* tile = r == t ? sum : &grads[turn].tile[set];
                tile_load(tile, &dout, r, c, m, n);
                tile_scatter_add(tile, &dtable, c, &tokens, r, m, n, entries);
                if (r == t) continue;
                if (positions) vector_binary(VECTOR_ADD, m, n, sum, sum, tile);
                turn ^= 1;
            }
            if (positions) tile_store(sum, &dposition, t, c, m, n);
        }
}
