/* SPDX-License-Identifier: Apache-2.0 */
/* Token and position embedding, and its gradient. The DMA gathers and scatters rows; a block stays within one sequence.
 */
#include "firmware/hal/fail.h"
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"
#include "firmware/runtime/background.h"

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

    uint32_t turn = 0;
    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            next_tiles(&at);
            const struct tile* place = wide(&at, &places);
            if (positions) load(&at, &places, &position);
            for (uint32_t r = at.row; r < rows; r += period, turn ^= 1) {
                const struct tile* tile = wide(&at, &outs[turn]);
                tile_gather(tile, &table, at.col, &tokens, r, at.rows, at.cols, entries);
                if (positions) binary(&at, VECTOR_ADD, tile, place);
                tile_store(tile, &out, r, at.col, at.rows, at.cols);
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

    if (!operand_accumulates(op, 0)) tensor_zero(&dtable, entries, cols);
    uint32_t turn = 0;
    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            next_tiles(&at);
            const struct tile* sum = wide(&at, &sums);
            /* The first sequence's block becomes the sum over sequences, after it has been scattered. */
            for (uint32_t r = at.row; r < rows; r += period) {
                const struct tile* tile = r == at.row ? sum : wide(&at, &grads[turn]);
                tile_load(tile, &dout, r, at.col, at.rows, at.cols);
                tile_scatter_add(tile, &dtable, at.col, &tokens, r, at.rows, at.cols, entries);
                /* Bursts of a sum go one by one, so the memory's latency is what it takes. */
                if (runtime.has_background) background_work((uint64_t)at.rows * at.cols);
                if (r == at.row) continue;
                if (positions) binary(&at, VECTOR_ADD, sum, tile);
                turn ^= 1;
            }
            if (!positions) continue;
            if (operand_accumulates(op, 1)) {
                binary(&at, VECTOR_ADD, sum, load(&at, &grads[turn], &dposition));
                turn ^= 1;
            }
            store(&at, sum, &dposition);
        }
}
