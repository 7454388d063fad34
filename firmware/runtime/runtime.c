/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/runtime.h"

#include <stddef.h>

#include "firmware/hal/fail.h"
#include "firmware/hal/info.h"
#include "firmware/runtime/recording.h"

#define ARENA_ALIGNMENT 64u
#define ARENA_LIMIT (256u << 20) /* bytes; no operand of an engine is larger */

struct runtime runtime;

static uint32_t single_queue(const struct info_block* info, uint32_t kind, const char* name) {
    for (uint32_t i = 0; i < info->queue_count; ++i)
        if (info->queue[i].kind == kind) return i;
    hal_fail(EXIT_CHIP, "this chip has no %s", name);
}

/* A quarter of the channels store: an operator usually reads more than it writes. */
static void share_channels(const struct info_block* info) {
    uint32_t channels[INFO_QUEUES], count = 0;
    for (uint32_t i = 0; i < info->queue_count; ++i)
        if (info->queue[i].kind == INFO_QUEUE_DMA) channels[count++] = i;
    if (count == 0) hal_fail(EXIT_CHIP, "this chip has no DMA channel");
    const uint32_t stores = count < 8 ? 1 : count / 4;
    runtime.store_queues = stores;
    runtime.load_queues = count == 1 ? 1 : count - stores;
    for (uint32_t i = 0; i < runtime.load_queues; ++i)
        runtime.load_queue[i] = channels[i];
    for (uint32_t i = 0; i < stores; ++i)
        runtime.store_queue[i] = channels[count - stores + i];
}

/* What is submitted between operators. */
static void belong_to_nobody(void) {
    command_context.tag = (uint64_t)COMMAND_NO_LAYER << 32;
    command_context.step_op = (uint64_t)COMMAND_NO_OP << 32;
    command_context.entered = UINT64_MAX;
}

void runtime_init(void) {
    const struct info_block* info = hal_info();
    runtime = (struct runtime){0};
    command_context = (struct command_context){0};
    recording_open(NULL);
    runtime.matrix_queue = single_queue(info, INFO_QUEUE_MATRIX, "matrix unit");
    runtime.vector_queue = single_queue(info, INFO_QUEUE_VECTOR, "vector unit");
    share_channels(info);
    runtime.matrix_rows = info->matrix_rows;
    runtime.matrix_cols = info->matrix_cols;
    runtime.matrix_dataflow = info->matrix_dataflow;
    runtime.matrix_overlaps = info->matrix_overlaps;
    runtime.matrix_port_bytes = info->matrix_port_bytes;
    runtime.matrix_formats = info->matrix_formats;
    const uint64_t bytes = info->memory_bandwidth, hertz = info->matrix_clock_hz;
    if (bytes == 0 || hertz == 0)
        hal_fail(EXIT_CHIP, "the info block names no memory bandwidth or no clock of the array");
    runtime.memory_bytes_per_1024 = bytes / hertz * 1024 + bytes % hertz * 1024 / hertz + 1;
    runtime.vector_lanes = info->vector_lanes;
    runtime.vector_features = info->vector_features;

    const uint64_t half = info->scratchpad_bytes / 2 & ~(uint64_t)(ARENA_ALIGNMENT - 1);
    runtime.arena_bytes = half < ARENA_LIMIT ? (uint32_t)half : ARENA_LIMIT;
    runtime.arena_base[0] = info->scratchpad_base;
    runtime.arena_base[1] = info->scratchpad_base + half;
    belong_to_nobody();
    command_context.arena_queue = runtime.store_queue;
    command_context.arena_queues = runtime.store_queues;
}

void runtime_begin_step(const struct image_update* update, uint64_t tokens_address) {
    runtime.update = *update;
    runtime.tokens_address = tokens_address;
}

void runtime_rewound(void) {
    const uint32_t queue_count = hal_info()->queue_count;
    for (uint32_t i = 0; i < queue_count; ++i)
        for (uint32_t j = 0; j < queue_count; ++j)
            command_context.known[i][j] = 0;
    for (uint32_t arena = 0; arena < 2; ++arena)
        for (uint32_t i = 0; i < RUNTIME_STORE_QUEUES; ++i)
            runtime.arena_fences[arena][i] = 0;
}

void runtime_begin_op(const struct image_op* op, uint32_t number, uint32_t phase) {
    runtime.op = op;
    runtime.op_number = number;
    runtime.arena ^= 1;
    runtime.arena_next = runtime.arena_base[runtime.arena];
    runtime.arena_end = runtime.arena_next + runtime.arena_bytes;
    runtime.next_hazard = runtime.hazards;
    command_context.tag = (uint64_t)phase << 16 | (uint64_t)op->layer << 32;
    command_context.step_op = (uint64_t)number << 32;
    command_context.arena_fence = runtime.arena_fences[runtime.arena];
    command_context.entered = 0;
}

void runtime_end_op(void) {
    runtime_store_fences(runtime.arena_fences[runtime.arena]);
    runtime_store_fences(runtime.op_stores[runtime.op_number % RUNTIME_HISTORY]);
    belong_to_nobody();
}

void runtime_drain(void) { command_drain(hal_info()->queue_count); }

void runtime_store_fences(uint32_t fences[RUNTIME_STORE_QUEUES]) {
    for (uint64_t i = 0; i < runtime.store_queues; ++i)
        fences[i] = queues[runtime.store_queue[i]].submitted;
}
