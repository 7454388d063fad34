/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/runtime.h"

#include <stddef.h>

#include "firmware/hal/fail.h"
#include "firmware/hal/info.h"
#include "firmware/runtime/recording.h"

#define ARENA_ALIGNMENT 64u
#define ARENA_LIMIT (256u << 20) /* bytes; no operand of an engine is larger */

/* Of the scratchpad, one part in so many is for slices, and what an arena of theirs must hold to be worth it. */
#define SLICE_SHARE 8u
#define SLICE_BYTES (256u << 10)
#define SLICE_CHANNELS 4u /* of the chip: with fewer, none can be spared */

struct runtime runtime;

static struct hazard hazards[RUNTIME_TILES], slice_hazards[2][SLICE_TILES]; /* of slices by arena */

/* Of slices, while no slice is under way; else of the operators around them. */
static struct stream other_stream;
static struct {
    const struct image_op* op;
    uint32_t op_number;
    uint64_t tag, step_op, entered;
    const uint32_t* arena_fence;
    uint32_t arena; /* of slices, where one is returned to */
} around;

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
    runtime.stream.store_queues = stores;
    runtime.stream.load_queues = count == 1 ? 1 : count - stores;
    for (uint32_t i = 0; i < runtime.stream.load_queues; ++i)
        runtime.stream.load_queue[i] = channels[i];
    runtime.fence_queues = stores;
    for (uint32_t i = 0; i < stores; ++i)
        runtime.stream.store_queue[i] = runtime.fence_queue[i] = channels[count - stores + i];
}

static void halve(struct stream* stream, uint64_t base, uint64_t bytes) {
    const uint64_t half = bytes / 2 & ~(uint64_t)(ARENA_ALIGNMENT - 1);
    stream->arena_bytes = half < ARENA_LIMIT ? (uint32_t)half : ARENA_LIMIT;
    stream->arena_base[0] = base;
    stream->arena_base[1] = base + half;
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

    halve(&runtime.stream, info->scratchpad_base, info->scratchpad_bytes);
    runtime.stream.hazards = hazards;
    runtime.stream.hazards_end = hazards + RUNTIME_TILES;
    other_stream = (struct stream){0};
    belong_to_nobody();
    command_context.arena_queue = runtime.stream.store_queue;
    command_context.arena_queues = runtime.stream.store_queues;
}

/* The last one, to which others are preferred where channels have priorities; one that loads takes its stores over. */
static void spare_channel(struct stream* slices) {
    struct stream* stream = &runtime.stream;
    const uint64_t last = stream->store_queues - 1;
    slices->load_queues = slices->store_queues = 1;
    slices->load_queue[0] = slices->store_queue[0] = stream->store_queue[last];
    stream->next_load = 0;
    stream->store_queue[last] = runtime.fence_queue[last] = stream->load_queue[--stream->load_queues];
}

uint32_t runtime_reserve_slices(void) {
    const struct info_block* info = hal_info();
    const uint64_t bytes = info->scratchpad_bytes / SLICE_SHARE & ~(uint64_t)(ARENA_ALIGNMENT - 1);
    if (bytes / 2 < SLICE_BYTES || runtime.stream.load_queues + runtime.stream.store_queues < SLICE_CHANNELS) return 0;
    spare_channel(&other_stream);
    halve(&runtime.stream, info->scratchpad_base, info->scratchpad_bytes - bytes);
    halve(&other_stream, info->scratchpad_base + info->scratchpad_bytes - bytes, bytes);
    return other_stream.arena_bytes;
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
            runtime.stream.arena_fences[arena][i] = other_stream.arena_fences[arena][i] = 0;
}

static void own(const struct image_op* op, uint32_t number, uint32_t phase) {
    runtime.op = op;
    runtime.op_number = number;
    command_context.tag = (uint64_t)phase << 16 | (uint64_t)op->layer << 32;
    command_context.step_op = (uint64_t)number << 32;
}

static void begin(const struct image_op* op, uint32_t number, uint32_t phase) {
    struct stream* const stream = &runtime.stream;
    own(op, number, phase);
    stream->arena ^= 1;
    stream->arena_next = stream->arena_base[stream->arena];
    stream->arena_end = stream->arena_next + stream->arena_bytes;
    stream->next_hazard = stream->hazards;
    command_context.arena_fence = stream->arena_fences[stream->arena];
    command_context.entered = 0;
}

void runtime_begin_op(const struct image_op* op, uint32_t number, uint32_t phase) {
    runtime.walked = number;
    runtime.moved = 0;
    begin(op, number, phase);
}

static void end_arena(void) {
    struct stream* const stream = &runtime.stream;
    for (uint64_t i = 0; i < stream->store_queues; ++i)
        stream->arena_fences[stream->arena][i] = queues[stream->store_queue[i]].submitted;
}

void runtime_end_op(void) {
    end_arena();
    runtime_store_fences(runtime.op_stores[runtime.op_number % RUNTIME_HISTORY]);
    belong_to_nobody();
}

/* By words: the library's memcpy goes by bytes. */
static void change_stream(void) {
    typedef uint64_t __attribute__((may_alias)) word;
    word *a = (word*)&runtime.stream, *b = (word*)&other_stream;
    for (word* const end = b + sizeof(struct stream) / sizeof(word); b != end; ++a, ++b) {
        const word from = *a;
        *a = *b;
        *b = from;
    }
    command_context.arena_queues = runtime.stream.store_queues;
}

static void leave_operator(void) {
    around.op = runtime.op;
    around.op_number = runtime.op_number;
    around.tag = command_context.tag;
    around.step_op = command_context.step_op;
    around.entered = command_context.entered;
    around.arena_fence = command_context.arena_fence;
    change_stream();
}

static void return_to_operator(void) {
    change_stream();
    runtime.op = around.op;
    runtime.op_number = around.op_number;
    command_context.tag = around.tag;
    command_context.step_op = around.step_op;
    command_context.entered = around.entered;
    command_context.arena_fence = around.arena_fence;
}

void runtime_begin_slice(const struct image_op* op, uint32_t number, uint32_t phase) {
    leave_operator();
    begin(op, number, phase);
    struct stream* const stream = &runtime.stream;
    stream->next_hazard = slice_hazards[stream->arena];
    stream->hazards_end = stream->next_hazard + SLICE_TILES;
}

uint32_t runtime_leave_slice(void) {
    const uint32_t arena = runtime.stream.arena;
    return_to_operator();
    return arena;
}

/* Whatever comes now waits for what has been loaded, which has waited for the arena. */
void runtime_return_to_slice(const struct image_op* op, uint32_t number, uint32_t phase, uint32_t arena) {
    leave_operator();
    own(op, number, phase);
    command_context.entered = UINT64_MAX;
    around.arena = runtime.stream.arena;
    runtime.stream.arena = arena;
}

void runtime_end_slice(void) {
    end_arena();
    runtime.stream.arena = around.arena;
    return_to_operator();
}

void runtime_drain(void) { command_drain(hal_info()->queue_count); }

void runtime_store_fences(uint32_t fences[RUNTIME_STORE_QUEUES]) {
    for (uint64_t i = 0; i < runtime.fence_queues; ++i)
        fences[i] = queues[runtime.fence_queue[i]].submitted;
}
