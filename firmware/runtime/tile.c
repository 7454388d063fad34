/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/tile.h"

#include <stddef.h>

#include "firmware/hal/fail.h"
#include "ip/dma/dma_command.h"

struct tile tile_allocate(uint32_t rows, uint32_t cols, uint32_t format)
{
    const uint64_t bytes = tile_bytes(rows, cols, format);
    if (bytes > tile_room() || runtime.tiles == RUNTIME_TILES)
        hal_fail(EXIT_SHAPE, "op %u (kind %u): no room for a tile of %u x %u in the scratchpad, %u bytes are left",
                 runtime.op_number, runtime.op->kind, rows, cols, tile_room());
    struct hazard *hazard = &runtime.hazards[runtime.tiles++];
    hazard->writer = 0;
    hazard->readers = 0;
    const struct tile tile = {.address = runtime.arena_base[runtime.arena] + runtime.arena_used,
                              .pitch = cols * (format == FORMAT_BF16 ? 2 : 4),
                              .format = format,
                              .hazard = hazard};
    runtime.arena_used += (uint32_t)bytes;
    return tile;
}

static const uint32_t *fences_of(uint32_t after)
{
    if (after == IMAGE_NO_OP) return NULL;
    if (after >= runtime.op_number)
        hal_fail(EXIT_IMAGE, "op %u waits for op %u, which does not come before it", runtime.op_number, after);
    const uint32_t oldest = runtime.op_number < RUNTIME_HISTORY ? 0 : runtime.op_number - (RUNTIME_HISTORY - 1);
    return runtime.op_stores[(after < oldest ? oldest : after) % RUNTIME_HISTORY];
}

bool tensor_open(struct tensor *tensor, uint32_t operand)
{
    const struct image_operand *from = &runtime.op->operand[operand];
    if (!from->address) return false;
    tensor->address = from->address;
    if (from->step_stride)
        tensor->address = runtime.tokens_address ? runtime.tokens_address
                                                 : from->address + (uint64_t)runtime.step * from->step_stride;
    tensor->pitch = from->pitch;
    tensor->format = from->format;
    tensor->waited = 0;
    tensor->after = fences_of(from->after);
    return true;
}

void tensor_after_stores(struct tensor *tensor, uint32_t fences[RUNTIME_STORE_QUEUES])
{
    runtime_store_fences(fences);
    tensor->waited = 0;
    tensor->after = fences;
}

static inline uint64_t tensor_at(const struct tensor *tensor, uint32_t row, uint32_t col)
{
    return tensor->address + (uint64_t)row * tensor->pitch + ((uint64_t)col << (tensor->format == FORMAT_BF16 ? 1 : 2));
}

/* The stores of an operator stand for all of it: whatever it loads or computes goes into one of them. */
static inline void command_waits_for_tensor(struct tensor *tensor)
{
    if (!tensor->after || tensor->waited >> issue.queue & 1) return;
    tensor->waited |= 1u << issue.queue;
    for (uint32_t i = 0; i < runtime.store_queues; ++i) command_wait(runtime.store_queue[i], tensor->after[i]);
}

/* What a DMA command moves: [rows, cols] elements between two places. */
struct place {
    uint64_t address;
    uint32_t pitch;
    uint32_t format;
};

static inline struct dma_body *dma_place(uint32_t opcode, struct place dst, struct place src, uint32_t rows,
                                         uint32_t cols, uint32_t mode)
{
    struct dma_body *body = (struct dma_body *)command_place(opcode)->body;
    body->src = src.address;
    body->dst = dst.address;
    body->rows = rows;
    body->cols = cols;
    body->src_pitch = src.pitch;
    body->dst_pitch = dst.pitch;
    body->src_format = (uint8_t)src.format;
    body->dst_format = (uint8_t)dst.format;
    body->mode = (uint8_t)mode;
    return body;
}

static inline struct place place_of_tile(const struct tile *tile)
{
    return (struct place){tile->address, tile->pitch, tile->format};
}

static inline struct place place_of_tensor(const struct tensor *tensor, uint32_t row, uint32_t col)
{
    return (struct place){tensor_at(tensor, row, col), tensor->pitch, tensor->format};
}

static inline void dma_index(struct dma_body *body, const struct tensor *index, uint32_t first, uint32_t index_rows)
{
    body->index = index->address + (uint64_t)first * 4;
    body->index_rows = index_rows;
}

void tile_load(const struct tile *tile, struct tensor *tensor, uint32_t row, uint32_t col, uint32_t rows, uint32_t cols)
{
    const uint32_t queue = runtime_load_queue();
    command_begin(queue);
    command_writes(tile->hazard);
    command_waits_for_tensor(tensor);
    dma_place(DMA_COPY, place_of_tile(tile), place_of_tensor(tensor, row, col), rows, cols, 0);
    hazard_written(tile->hazard, queue, queue_submit(queue));
}

void tile_store(const struct tile *tile, struct tensor *tensor, uint32_t row, uint32_t col, uint32_t rows, uint32_t cols)
{
    const uint32_t queue = runtime_store_queue();
    command_begin(queue);
    command_reads(tile->hazard);
    command_waits_for_tensor(tensor);
    dma_place(DMA_COPY, place_of_tensor(tensor, row, col), place_of_tile(tile), rows, cols, 0);
    hazard_read(tile->hazard, queue, queue_submit(queue));
}

void tile_gather(const struct tile *tile, struct tensor *tensor, uint32_t col, struct tensor *index, uint32_t first,
                 uint32_t rows, uint32_t cols, uint32_t index_rows)
{
    const uint32_t queue = runtime_load_queue();
    command_begin(queue);
    command_writes(tile->hazard);
    command_waits_for_tensor(tensor);
    command_waits_for_tensor(index);
    dma_index(dma_place(DMA_GATHER, place_of_tile(tile), place_of_tensor(tensor, 0, col), rows, cols, 0), index, first,
              index_rows);
    hazard_written(tile->hazard, queue, queue_submit(queue));
}

void tile_scatter_add(const struct tile *tile, struct tensor *tensor, uint32_t col, struct tensor *index, uint32_t first,
                      uint32_t rows, uint32_t cols, uint32_t index_rows)
{
    const uint32_t queue = runtime.store_queue[0];
    command_begin(queue);
    command_reads(tile->hazard);
    command_waits_for_tensor(tensor);
    command_waits_for_tensor(index);
    dma_index(dma_place(DMA_SCATTER, place_of_tensor(tensor, 0, col), place_of_tile(tile), rows, cols, DMA_ACCUMULATE),
              index, first, index_rows);
    hazard_read(tile->hazard, queue, queue_submit(queue));
}

void tensor_zero(struct tensor *tensor, uint32_t rows, uint32_t cols)
{
    const uint32_t queue = runtime.store_queue[0];
    command_begin(queue);
    command_waits_for_tensor(tensor);
    const struct place dst = place_of_tensor(tensor, 0, 0);
    dma_place(DMA_FILL, dst, (struct place){0, 0, FORMAT_FP32}, rows, cols, 0)->fill = 0;
    queue_submit(queue);
}
