/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/tile.h"

#include <stddef.h>

#include "firmware/hal/fail.h"
#include "firmware/runtime/recording.h"
#include "ip/dma/dma_command.h"

static __attribute__((noreturn, noinline)) void fail_no_room(uint32_t rows, uint32_t cols) {
    hal_fail(EXIT_SHAPE, "op %u (kind %u): no room for a tile of %u x %u in the scratchpad, %u bytes are left",
             runtime.op_number, runtime.op->kind, rows, cols, tile_room());
}

struct tile tile_allocate(uint32_t rows, uint32_t cols, uint32_t format) {
    const uint64_t bytes = tile_bytes(rows, cols, format), address = runtime.stream.arena_next;
    struct hazard* hazard = runtime.stream.next_hazard;
    if (bytes > runtime.stream.arena_end - address || hazard == runtime.stream.hazards_end) fail_no_room(rows, cols);
    runtime.stream.arena_next = address + bytes;
    runtime.stream.next_hazard = hazard + 1;
    hazard->writer = 0;
    hazard->readers = 0;
    return (struct tile){address, format == FORMAT_BF16 ? cols * 2 : cols * 4, format, hazard};
}

static const uint32_t* fences_of(uint32_t after) {
    if (after == IMAGE_NO_OP) return NULL;
    const uint32_t oldest = runtime.walked < RUNTIME_HISTORY ? 0 : runtime.walked - (RUNTIME_HISTORY - 1);
    return runtime.op_stores[(after < oldest ? oldest : after) % RUNTIME_HISTORY];
}

COMMAND_INLINE bool open(struct tensor* tensor, uint32_t operand) {
    const struct image_operand* from = &image_operands(runtime.op)[operand];
    if (!from->address) return false;
    tensor->address = from->address;
    tensor->step_stride = 0;
    if (from->step_stride && runtime.tokens_address) {
        tensor->address = runtime.tokens_address;
    } else if (from->step_stride) {
        tensor->address = from->address + (uint64_t)runtime.update.slot * from->step_stride;
        tensor->step_stride = from->step_stride;
    }
    tensor->pitch = (uint32_t)from->pitch; /* of a single row the bits beyond do not matter */
    tensor->format = from->format;
    tensor->waited = 0;
    tensor->after = fences_of(from->after);
    return true;
}

static __attribute__((noreturn, noinline)) void fail_missing(uint32_t operand) {
    hal_fail(EXIT_IMAGE, "op %u (kind %u): operand %u is missing", runtime.op_number, runtime.op->kind, operand);
}

void tensor_open(struct tensor* tensor, uint32_t operand) {
    if (!open(tensor, operand)) fail_missing(operand);
}

bool tensor_open_optional(struct tensor* tensor, uint32_t operand) { return open(tensor, operand); }

void tensor_after_stores(struct tensor* tensor, uint32_t fences[RUNTIME_STORE_QUEUES]) {
    runtime_store_fences(fences);
    tensor->waited = 0;
    tensor->after = fences;
}

static inline uint64_t tensor_at(const struct tensor* tensor, uint32_t row, uint32_t col) {
    return tensor->address + (uint64_t)row * tensor->pitch + ((uint64_t)col << (tensor->format == FORMAT_BF16 ? 1 : 2));
}

COMMAND_INLINE void command_waits_for_tensor(struct issue* issue, struct tensor* tensor) {
    const uint32_t* after = tensor->after;
    if (!after || tensor->waited >> issue->queue & 1) return;
    tensor->waited |= UINT64_C(1) << issue->queue;
    for (uint64_t i = 0, count = runtime.fence_queues; i < count; ++i)
        command_wait(issue, runtime.fence_queue[i], after[i]);
}

/* What a DMA command moves: [rows, cols] elements between two places. */
struct place {
    uint64_t address;
    uint32_t pitch;
    uint32_t format;
};

COMMAND_INLINE struct dma_body* dma_place(const struct issue* issue, uint32_t opcode, struct place dst,
                                          struct place src, uint32_t rows, uint32_t cols, uint32_t mode) {
    struct dma_body* body = command_place(issue, opcode);
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

static inline struct place place_of_tile(const struct tile* tile) {
    return (struct place){tile->address, tile->pitch, tile->format};
}

static inline struct place place_of_tensor(const struct tensor* tensor, uint32_t row, uint32_t col) {
    return (struct place){tensor_at(tensor, row, col), tensor->pitch, tensor->format};
}

/* Inputs of a step are only read, as a source or as an index. */
static inline void follow_step(uint64_t* address, const struct tensor* tensor) {
    if (tensor->step_stride) recording_input(address, tensor->step_stride);
}

static inline void dma_index(struct dma_body* body, const struct tensor* index, uint32_t first, uint32_t index_rows) {
    body->index = index->address + (uint64_t)first * 4;
    body->index_rows = index_rows;
    follow_step(&body->index, index);
}

/* What operators leave of the memory's bandwidth is for slices. */
static inline void count_traffic(const struct tensor* tensor, uint32_t rows, uint32_t cols) {
    if (runtime.has_background) runtime.moved += (uint64_t)rows * cols << (tensor->format == FORMAT_BF16 ? 1 : 2);
}

COMMAND_INLINE void load(uint64_t channel, const struct tile* tile, struct tensor* tensor, uint32_t row, uint32_t col,
                         uint32_t rows, uint32_t cols) {
    struct issue issue = command_begin(channel);
    command_writes(&issue, tile->hazard);
    command_waits_for_tensor(&issue, tensor);
    struct dma_body* body =
        dma_place(&issue, DMA_COPY, place_of_tile(tile), place_of_tensor(tensor, row, col), rows, cols, 0);
    follow_step(&body->src, tensor);
    count_traffic(tensor, rows, cols);
    hazard_written(tile->hazard, issue.queue, command_submit(&issue));
}

void tile_load(const struct tile* tile, struct tensor* tensor, uint32_t row, uint32_t col, uint32_t rows,
               uint32_t cols) {
    load(runtime_load_queue(), tile, tensor, row, col, rows, cols);
}

void tile_load_through(uint64_t channel, const struct tile* tile, struct tensor* tensor, uint32_t row, uint32_t col,
                       uint32_t rows, uint32_t cols) {
    load(channel, tile, tensor, row, col, rows, cols);
}

void tile_fill(const struct tile* tile, uint32_t rows, uint32_t cols, float value) {
    const union {
        float value;
        uint32_t word;
    } stored = {.value = value};
    struct issue issue = command_begin(runtime_load_queue());
    command_writes(&issue, tile->hazard);
    dma_place(&issue, DMA_FILL, place_of_tile(tile), (struct place){0, 0, FORMAT_FP32}, rows, cols, 0)->fill =
        stored.word;
    hazard_written(tile->hazard, issue.queue, command_submit(&issue));
}

void tile_store(const struct tile* tile, struct tensor* tensor, uint32_t row, uint32_t col, uint32_t rows,
                uint32_t cols) {
    struct issue issue = command_begin(runtime_store_queue());
    command_reads(&issue, tile->hazard);
    command_waits_for_tensor(&issue, tensor);
    dma_place(&issue, DMA_COPY, place_of_tensor(tensor, row, col), place_of_tile(tile), rows, cols, 0);
    count_traffic(tensor, rows, cols);
    hazard_read(tile->hazard, issue.queue, command_submit(&issue));
}

void tile_gather(const struct tile* tile, struct tensor* tensor, uint32_t col, struct tensor* index, uint32_t first,
                 uint32_t rows, uint32_t cols, uint32_t index_rows) {
    struct issue issue = command_begin(runtime_load_queue());
    command_writes(&issue, tile->hazard);
    command_waits_for_tensor(&issue, tensor);
    command_waits_for_tensor(&issue, index);
    dma_index(dma_place(&issue, DMA_GATHER, place_of_tile(tile), place_of_tensor(tensor, 0, col), rows, cols, 0), index,
              first, index_rows);
    hazard_written(tile->hazard, issue.queue, command_submit(&issue));
}

static __attribute__((noinline)) void scatter(const struct tile* tile, struct tensor* tensor, uint32_t col,
                                              struct tensor* index, uint32_t first, uint32_t rows, uint32_t cols,
                                              uint32_t index_rows, uint32_t mode) {
    struct issue issue = command_begin(runtime.stream.store_queue[0]);
    command_reads(&issue, tile->hazard);
    command_waits_for_tensor(&issue, tensor);
    command_waits_for_tensor(&issue, index);
    dma_index(dma_place(&issue, DMA_SCATTER, place_of_tensor(tensor, 0, col), place_of_tile(tile), rows, cols, mode),
              index, first, index_rows);
    hazard_read(tile->hazard, issue.queue, command_submit(&issue));
}

void tile_scatter(const struct tile* tile, struct tensor* tensor, uint32_t col, struct tensor* index, uint32_t first,
                  uint32_t rows, uint32_t cols, uint32_t index_rows) {
    scatter(tile, tensor, col, index, first, rows, cols, index_rows, 0);
}

void tile_scatter_add(const struct tile* tile, struct tensor* tensor, uint32_t col, struct tensor* index,
                      uint32_t first, uint32_t rows, uint32_t cols, uint32_t index_rows) {
    scatter(tile, tensor, col, index, first, rows, cols, index_rows, DMA_ACCUMULATE);
}

void tensor_zero(struct tensor* tensor, uint32_t rows, uint32_t cols) {
    struct issue issue = command_begin(runtime.stream.store_queue[0]);
    command_waits_for_tensor(&issue, tensor);
    const struct place dst = place_of_tensor(tensor, 0, 0);
    dma_place(&issue, DMA_FILL, dst, (struct place){0, 0, FORMAT_FP32}, rows, cols, 0)->fill = 0;
    command_submit(&issue);
}
