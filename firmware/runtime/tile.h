/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tiles in the scratchpad, tensors in DRAM, and the DMA between them. Positions and sizes count elements. All functions
 * only submit commands; waiting is the hardware's business (command.h).
 */
#ifndef GRADUS_FIRMWARE_RUNTIME_TILE_H
#define GRADUS_FIRMWARE_RUNTIME_TILE_H

#include "firmware/runtime/runtime.h"

/* [rows, cols] in the scratchpad. Views of a tile share its hazard: touching one is touching all. */
struct tile {
    uint64_t address;
    uint32_t pitch;  /* bytes from row to row; 0 repeats one row (as a source of the vector unit) */
    uint32_t format; /* FORMAT_* */
    struct hazard* hazard;
};

/* [rows, cols] in DRAM: an operand of the current operator. */
struct tensor {
    uint64_t address;
    uint32_t pitch;
    uint32_t format;
    uint32_t step_stride;  /* image_operand.step_stride, where it counts */
    uint64_t waited;       /* set of channels that have waited for `after` */
    const uint32_t* after; /* fences of the store channels; null: nothing to wait for */
};

#define TILE_ALIGNMENT 16u

/* What a tile takes of the arena. */
static inline uint64_t tile_bytes(uint64_t rows, uint64_t cols, uint32_t format) {
    const uint64_t bytes = rows * cols << (format == FORMAT_BF16 ? 1 : 2);
    return (bytes + TILE_ALIGNMENT - 1) & ~(uint64_t)(TILE_ALIGNMENT - 1);
}

/* Bytes left for the current operator's tiles. */
static inline uint32_t tile_room(void) { return (uint32_t)(runtime.stream.arena_end - runtime.stream.arena_next); }

/* Takes a tile out of the arena; ends the run with EXIT_SHAPE if there is no room for it. */
struct tile tile_allocate(uint32_t rows, uint32_t cols, uint32_t format);

/* The part of a tile from [row, col] on. */
static inline struct tile tile_view(const struct tile* tile, uint32_t row, uint32_t col) {
    struct tile view = *tile;
    view.address += (uint64_t)row * tile->pitch + ((uint64_t)col << (tile->format == FORMAT_BF16 ? 1 : 2));
    return view;
}

/* The first row of a tile, repeated. */
static inline struct tile tile_repeat(const struct tile* tile) {
    struct tile view = *tile;
    view.pitch = 0;
    return view;
}

/* Operand number `operand` of the current operator. Ends the run with EXIT_IMAGE if it has none. */
void tensor_open(struct tensor* tensor, uint32_t operand);

/* The same; false if there is none. */
bool tensor_open_optional(struct tensor* tensor, uint32_t operand);

/* Whether operand number `operand` is added to. */
static inline bool operand_accumulates(const struct image_op* op, uint32_t operand) {
    return image_operands(op)[operand].flags & OPERAND_ACCUMULATE;
}

/* From now on commands on the tensor wait for all stores submitted so far, whose fences go to `fences`. */
void tensor_after_stores(struct tensor* tensor, uint32_t fences[RUNTIME_STORE_QUEUES]);

/* tile[0.., 0..] = tensor[row.., col..] */
void tile_load(const struct tile* tile, struct tensor* tensor, uint32_t row, uint32_t col, uint32_t rows,
               uint32_t cols);

/* The same through a DMA channel of the caller's choice. */
void tile_load_through(uint64_t channel, const struct tile* tile, struct tensor* tensor, uint32_t row, uint32_t col,
                       uint32_t rows, uint32_t cols);

/* tile[0.., 0..] = value, of a tile of fp32; in the place of a load. */
void tile_fill(const struct tile* tile, uint32_t rows, uint32_t cols, float value);

/* tensor[row.., col..] = tile[0.., 0..] */
void tile_store(const struct tile* tile, struct tensor* tensor, uint32_t row, uint32_t col, uint32_t rows,
                uint32_t cols);

/* tile[r, c] = tensor[index[first + r], col + c]; indices are below index_rows. */
void tile_gather(const struct tile* tile, struct tensor* tensor, uint32_t col, struct tensor* index, uint32_t first,
                 uint32_t rows, uint32_t cols, uint32_t index_rows);

/* tensor[index[first + r], col + c] = tile[r, c] */
void tile_scatter(const struct tile* tile, struct tensor* tensor, uint32_t col, struct tensor* index, uint32_t first,
                  uint32_t rows, uint32_t cols, uint32_t index_rows);

/* += tile[r, c], of a tensor of fp32. All of them, and tensor_zero, go to one channel, in order. */
void tile_scatter_add(const struct tile* tile, struct tensor* tensor, uint32_t col, struct tensor* index,
                      uint32_t first, uint32_t rows, uint32_t cols, uint32_t index_rows);

/* tensor[0.., 0..] = 0 */
void tensor_zero(struct tensor* tensor, uint32_t rows, uint32_t cols);

#endif
