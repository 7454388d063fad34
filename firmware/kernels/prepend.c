/* SPDX-License-Identifier: Apache-2.0 */
/* A learned row before each sequence, positions added, and their gradients. A block stays within one sequence. */
#include "firmware/hal/fail.h"
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

static uint32_t rows_of_sequence(const struct image_op* op) {
    const uint32_t rows = op->dims[0], period = op->dims[2];
    if (period < 2 || rows % period)
        hal_fail(EXIT_IMAGE, "op %u: %u rows are not whole sequences of %u", runtime.op_number, rows, period);
    return period;
}

/* The rows of a block that are x's: all but the first of a sequence. `tile` becomes what holds them. */
struct others {
    struct tile tile;
    uint32_t row, rows; /* of x, in its first sequence */
};

static struct others others_of(const struct at* at, const struct tile* tile) {
    const uint32_t skip = at->row == 0;
    return (struct others){tile_view(tile, skip, 0), at->row + skip - 1, at->rows - skip};
}

void kernel_prepend(const struct image_op* op) {
    struct tensor y, x, first, position;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    tensor_open(&first, 2);
    const bool positions = tensor_open_optional(&position, 3);
    const uint32_t rows = op->dims[0], period = rows_of_sequence(op);
    const struct blocks blocks = blocks_of_rows(period, op->dims[1], (struct block_needs){.wide = 3});
    const struct tile_sets ys[] = {blocks_wide(&blocks), blocks_wide(&blocks)}, places = blocks_wide(&blocks);

    uint32_t turn = 0;
    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            next_tiles(&at);
            const struct tile* place = wide(&at, &places);
            if (positions) load(&at, &places, &position);
            for (uint32_t r = 0, others = 0; r < rows; r += period, others += period - 1, turn ^= 1) {
                const struct tile* tile = wide(&at, &ys[turn]);
                const struct others of = others_of(&at, tile);
                if (at.row == 0) tile_load(tile, &first, 0, at.col, 1, at.cols);
                if (of.rows) tile_load(&of.tile, &x, others + of.row, at.col, of.rows, at.cols);
                if (positions) binary(&at, VECTOR_ADD, tile, place);
                tile_store(tile, &y, r + at.row, at.col, at.rows, at.cols);
            }
        }
}

void kernel_prepend_backward(const struct image_op* op) {
    struct tensor dx, dfirst, dposition, dy;
    tensor_open(&dx, 0);
    tensor_open(&dfirst, 1);
    const bool positions = tensor_open_optional(&dposition, 2);
    tensor_open(&dy, 3);
    const uint32_t rows = op->dims[0], period = rows_of_sequence(op);
    const struct blocks blocks = blocks_of_rows(period, op->dims[1], (struct block_needs){.wide = 3});
    const struct tile_sets sums = blocks_wide(&blocks), dys[] = {blocks_wide(&blocks), blocks_wide(&blocks)};

    uint32_t turn = 0;
    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            next_tiles(&at);
            /* The first sequence's block becomes the sum over sequences, after it has been stored. */
            const struct tile* sum = wide(&at, &sums);
            const bool summed = positions || at.row == 0;
            for (uint32_t r = 0, others = 0; r < rows; r += period, others += period - 1) {
                const struct tile* tile = r == 0 ? sum : wide(&at, &dys[turn]);
                const struct others of = others_of(&at, tile);
                tile_load(tile, &dy, r + at.row, at.col, at.rows, at.cols);
                if (of.rows) tile_store(&of.tile, &dx, others + of.row, at.col, of.rows, at.cols);
                if (r == 0) continue;
                if (summed) binary(&at, VECTOR_ADD, sum, tile);
                turn ^= 1;
            }
            if (at.row == 0) tile_store(sum, &dfirst, 0, at.col, 1, at.cols);
            if (positions) store(&at, sum, &dposition);
        }
}
