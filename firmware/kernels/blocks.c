/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/blocks.h"

#include "firmware/hal/fail.h"

/*
 * An operator that fits in one block overlaps nothing inside itself. So a larger one (bytes of its tiles) is cut into a
 * few blocks; below, a command costs more than overlapping saves.
 */
#define WORTH_TWO_CHEAP_ONES 4096u
#define WORTH_FOUR 32768u

static uint32_t cuts_of(uint64_t bytes) {
    if (bytes >= WORTH_FOUR) return 4;
    return bytes >= WORTH_TWO_CHEAP_ONES && runtime.commands_are_cheap ? 2 : 1;
}

static uint64_t set_bytes(uint64_t rows, uint64_t cols, struct block_needs needs) {
    return needs.wide * tile_bytes(rows, cols, FORMAT_FP32) + needs.narrow * tile_bytes(rows, 1, FORMAT_FP32);
}

/* The most rows of which `sets` sets fit into `room`; 0 if not even one. */
static uint32_t fitting_rows(uint64_t room, uint32_t cols, uint32_t sets, struct block_needs needs) {
    const uint64_t padding = (uint64_t)(needs.wide + needs.narrow) * TILE_ALIGNMENT;
    const uint64_t row = ((uint64_t)needs.wide * cols + needs.narrow) * 4;
    if (room / sets <= padding) return 0;
    const uint64_t rows = (room / sets - padding) / row;
    return rows < UINT32_MAX ? (uint32_t)rows : UINT32_MAX;
}

static struct blocks cut(uint32_t rows, uint32_t cols, uint32_t block_rows, uint32_t block_cols, uint32_t sets) {
    return (struct blocks){rows, cols, block_rows, block_cols, sets, block_cols == cols};
}

static struct blocks cut_rows(uint32_t rows, uint32_t cols, uint32_t block_rows) {
    return cut(rows, cols, block_rows, cols, block_rows < rows ? BLOCK_SETS : 1);
}

struct blocks blocks_of_rows(uint32_t rows, uint32_t cols, struct block_needs needs) {
    const uint64_t room = tile_room();
    const uint64_t kept = (uint64_t)needs.kept * tile_bytes(1, cols, FORMAT_FP32);
    if (kept < room) {
        const uint64_t left = room - kept;
        const uint64_t whole = set_bytes(rows, cols, needs);
        const uint32_t cuts = cuts_of(whole);
        if (whole <= left && (cuts == 1 || rows == 1)) return cut_rows(rows, cols, rows);
        const uint32_t fitting = fitting_rows(left, cols, BLOCK_SETS, needs);
        const uint32_t wanted = (rows + cuts - 1) / cuts;
        if (fitting) return cut_rows(rows, cols, smaller(fitting, wanted));
        if (fitting_rows(left, cols, 1, needs)) return cut(rows, cols, 1, cols, 1);
    }
    const uint64_t column = ((uint64_t)needs.wide * BLOCK_SETS + needs.kept) * 4;
    const uint64_t overhead = ((needs.wide + needs.narrow) * BLOCK_SETS + needs.kept) * (uint64_t)TILE_ALIGNMENT;
    const uint64_t chunk = room > overhead ? (room - overhead) / column : 0;
    if (chunk == 0)
        hal_fail(EXIT_SHAPE, "op %u (kind %u): the scratchpad is too small, %u bytes for an operator",
                 runtime.op_number, runtime.op->kind, tile_room());
    return cut(rows, cols, 1, smaller((uint32_t)chunk, cols), BLOCK_SETS);
}

/* Whether each row of the tensor follows the one before without a gap. */
static bool is_flat(const struct tensor* tensor, uint32_t cols) {
    return tensor->pitch == cols * (tensor->format == FORMAT_BF16 ? 2 : 4);
}

/* Whether [rows, cols] of all of the tensors can be seen as one row. */
static bool are_flat(uint32_t rows, uint32_t cols, const struct tensor* const* tensors, uint32_t count) {
    if ((uint64_t)rows * cols > UINT32_MAX / 4) return false;
    for (uint32_t i = 0; i < count; ++i)
        if (!is_flat(tensors[i], cols)) return false;
    return true;
}

struct blocks blocks_of_elements(const struct image_op* op, uint32_t wide, const struct tensor* const* tensors,
                                 uint32_t count) {
    const uint32_t rows = op->dims[0], cols = op->dims[1];
    const struct block_needs needs = {.wide = wide};
    if (!are_flat(rows, cols, tensors, count) && rows > 1) return blocks_of_rows(rows, cols, needs);
    const uint32_t elements = rows * cols;
    const uint64_t whole = set_bytes(1, elements, needs);
    const uint32_t cuts = cuts_of(whole);
    if (whole <= tile_room() && cuts == 1) return cut(1, elements, 1, elements, 1);
    const uint32_t fitting = fitting_rows(tile_room(), 1, BLOCK_SETS, needs);
    if (fitting == 0) return blocks_of_rows(1, elements, needs);
    const uint32_t chunk = smaller(fitting, elements / cuts + 1);
    return cut(1, elements, 1, chunk < 64 ? chunk : chunk & ~63u, BLOCK_SETS);
}

static struct tile_sets sets_of(const struct blocks* blocks, uint32_t cols) {
    struct tile_sets sets;
    for (uint32_t i = 0; i < blocks->sets; ++i)
        sets.tile[i] = tile_allocate(blocks->block_rows, cols, FORMAT_FP32);
    return sets;
}

struct tile_sets blocks_wide(const struct blocks* blocks) {
    return sets_of(blocks, blocks->block_cols);
}

struct tile_sets blocks_narrow(const struct blocks* blocks) {
    return sets_of(blocks, 1);
}

void result_open(struct result* result, uint32_t operand) {
    tensor_open(&result->tensor, operand);
    result->adds = operand_accumulates(runtime.op, operand);
}

void row_open(struct row_operand* row, uint32_t operand) { row->present = tensor_open_optional(&row->tensor, operand); }

void row_tiles(struct row_operand* row, const struct blocks* blocks) {
    if (!row->present) return;
    row->tile = blocks_kept(blocks);
    row->repeated = tile_repeat(&row->tile);
    if (blocks->whole) tile_load(&row->tile, &row->tensor, 0, 0, 1, blocks->cols);
}

void column_sum_open(struct column_sum* result, uint32_t operand) {
    result->present = tensor_open_optional(&result->tensor, operand);
    result->adds = operand_accumulates(runtime.op, operand);
}

void column_sum_tiles(struct column_sum* result, const struct blocks* blocks) {
    if (!result->present) return;
    result->sum = blocks_kept(blocks);
    result->part = blocks_kept(blocks);
}
