/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submits random commands: random bytes, and commands that are almost right. Each is waited for until its queue is done
 * with it or has halted; when all queues have halted, or after enough commands, it returns 0. The seed is the
 * scenario's.
 */
#include <stddef.h>
#include <stdint.h>

#include "firmware/hal/info.h"
#include "firmware/hal/mmio.h"
#include "firmware/include/schedule_image.h"
#include "ip/common/command.h"
#include "ip/dma/dma_command.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/vector_command.h"

#define COMMANDS 400u
#define ENTRIES 2u

static struct command rings[INFO_QUEUES][ENTRIES] __attribute__((aligned(COMMAND_BYTES)));
static uint32_t submitted[INFO_QUEUES];
static uint64_t state;

/* splitmix64 */
static uint64_t random64(void) {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
static uint32_t below(uint32_t limit) { return (uint32_t)(random64() % limit); }
static int one_in(uint32_t count) { return below(count) == 0; }

/* In the scratchpad. */
static uint64_t near_address(void) { return hal_info()->scratchpad_base + below(4096) * 4; }

/* In the scratchpad or in DRAM. */
static uint64_t far_address(void) {
    return one_in(2) ? near_address() : hal_info()->dram_base + (32u << 20) + below(1 << 16) * 4;
}

static uint32_t size(void) { return 1 + below(24); }
static uint32_t pitch_of(uint32_t elements) { return elements * 4 + below(3) * 4; }

static void fill_dma(struct command* command) {
    struct dma_body* body = (struct dma_body*)command->body;
    const uint8_t opcode = (uint8_t)(DMA_COPY + below(4));
    command->header.opcode = opcode;
    body->src = far_address();
    body->dst = far_address();
    body->index = near_address(); /* mostly zeros */
    body->rows = size();
    body->cols = size();
    body->src_pitch = pitch_of(body->cols);
    body->dst_pitch = pitch_of(24);
    body->index_rows = one_in(2) ? UINT32_MAX : size();
    if (opcode == DMA_COPY) body->mode = (uint8_t)below(3);
    if (opcode == DMA_SCATTER && one_in(2)) body->mode = DMA_ACCUMULATE;
    if (opcode == DMA_FILL || body->mode & DMA_ACCUMULATE) return;
    body->src_format = (uint8_t)below(2);
    body->dst_format = (uint8_t)below(2);
}

static void fill_matrix(struct command* command) {
    struct matrix_body* body = (struct matrix_body*)command->body;
    command->header.opcode = MATRIX_MULTIPLY;
    body->a = near_address();
    body->b = near_address();
    body->c = near_address();
    body->bias = near_address();
    body->m = size();
    body->n = size();
    body->k = size();
    body->a_pitch = one_in(4) ? 0 : pitch_of(24);
    body->b_pitch = one_in(4) ? 0 : pitch_of(24);
    body->c_pitch = pitch_of(24);
    body->a_format = (uint8_t)below(2);
    body->b_format = (uint8_t)below(2);
    body->mode = (uint8_t)below(16);
    if (!(body->mode & MATRIX_ACCUMULATE)) body->c_format = (uint8_t)below(2);
}

static void fill_vector(struct command* command) {
    static const uint8_t opcodes[] = {VECTOR_ADD,           VECTOR_SUB,
                                      VECTOR_MUL,           VECTOR_MAX,
                                      VECTOR_BLEND,         VECTOR_AFFINE,
                                      VECTOR_EXP,           VECTOR_LOG,
                                      VECTOR_RECIPROCAL,    VECTOR_RSQRT,
                                      VECTOR_RELU,          VECTOR_GELU,
                                      VECTOR_SILU,          VECTOR_GELU_ERF,
                                      VECTOR_CAUSAL_MASK,   VECTOR_WINDOW_MASK,
                                      VECTOR_RELU_BACKWARD, VECTOR_GELU_BACKWARD,
                                      VECTOR_SILU_BACKWARD, VECTOR_GELU_ERF_BACKWARD,
                                      VECTOR_ROW_SUM,       VECTOR_ROW_MAX,
                                      VECTOR_ROW_DOT,       VECTOR_COLUMN_SUM,
                                      VECTOR_PICK,          VECTOR_SUBTRACT_ONE_HOT,
                                      VECTOR_ADAM};
    struct vector_body* body = (struct vector_body*)command->body;
    command->header.opcode = opcodes[below(sizeof opcodes)];
    body->dst = near_address();
    body->a = near_address();
    body->b = near_address();
    body->c = near_address();
    body->rows = size();
    body->cols = size();
    body->dst_pitch = pitch_of(body->cols);
    body->a_pitch = one_in(4) ? 0 : pitch_of(body->cols);
    body->b_pitch = one_in(4) ? 0 : pitch_of(body->cols);
    for (unsigned i = 0; i < 6; ++i) {
        const uint32_t bits = one_in(2) ? 0x3f000000u + below(1 << 24) : (uint32_t)random64();
        __builtin_memcpy((char*)&body->u + 4 * i, &bits, 4);
    }
}

/* All of it is anything, but for waits that would never end. */
static void scramble(struct command* command) {
    for (unsigned i = 0; i < COMMAND_BYTES / 8; ++i)
        ((uint64_t*)command)[i] = random64();
    for (unsigned i = 0; i < COMMAND_WAITS; ++i)
        if (command->header.waits[i].queue_plus_one <= hal_info()->queue_count)
            command->header.waits[i].queue_plus_one = 0;
}

static uint64_t odd_address(void) {
    const struct info_block* info = hal_info();
    switch (below(6)) {
    case 0:
        return random64();
    case 1:
        return UINT64_MAX - below(64);
    case 2:
        return info->scratchpad_base + info->scratchpad_bytes - below(512);
    case 3:
        return info->dram_base + info->dram_bytes - below(512);
    case 4:
        return info->mailbox; /* devices are not on the data fabric */
    default:
        return (uint64_t)rings[0] + below(sizeof rings); /* descriptors of other queues */
    }
}

/* One thing is not as it should be. Sizes and pitches are 32-bit words, addresses the first 3 (DMA, vector: 4) of 64
 * bits. */
static void spoil(struct command* command) {
    const uint32_t word = 6 + below(8);
    switch (below(6)) {
    case 0:
        ((uint64_t*)command->body)[below(4)] = odd_address();
        break;
    case 1:
        ((uint32_t*)command->body)[word] = (uint32_t)(random64() >> below(64));
        break;
    case 2:
        ((uint32_t*)command->body)[word] = 0;
        break;
    case 3:
        command->body[below(COMMAND_BODY_BYTES)] = (uint8_t)random64();
        break;
    case 4:
        command->header.opcode = (uint8_t)random64();
        break;
    default:
        scramble(command);
        break;
    }
}

static void fill(struct command* command, uint32_t kind) {
    *command = (struct command){0};
    if (kind == INFO_QUEUE_DMA) fill_dma(command);
    if (kind == INFO_QUEUE_MATRIX) fill_matrix(command);
    if (kind == INFO_QUEUE_VECTOR) fill_vector(command);
    command->header.flags = one_in(8) ? COMMAND_FLAG_INTERRUPT : 0;
    command->header.phase = (uint8_t)random64();
    command->header.op = one_in(64) ? (uint32_t)random64() : (uint16_t)random64();
    command->header.layer = (uint16_t)random64();
    command->header.step = (uint32_t)random64();
    if (one_in(12)) spoil(command);
}

/* 1 while the queue still works. */
static int run_one(uint32_t queue) {
    const struct info_queue* info = &hal_info()->queue[queue];
    if (mmio_read32(info->registers + QUEUE_STATUS) == QUEUE_STATUS_HALTED) return 0;
    fill(&rings[queue][submitted[queue] % ENTRIES], info->kind);
    mmio_write32(info->registers + QUEUE_DOORBELL, ++submitted[queue]);
    while (mmio_read32(info->registers + QUEUE_STATUS) == QUEUE_STATUS_RUNNING) {}
    return 1;
}

int main(void) {
    const struct info_block* info = hal_info();
    state = ((const struct image_header*)(uintptr_t)info->image_address)->seed;
    for (uint32_t queue = 0; queue < info->queue_count; ++queue) {
        mmio_write64(info->queue[queue].registers + QUEUE_RING_BASE, (uint64_t)rings[queue]);
        mmio_write32(info->queue[queue].registers + QUEUE_RING_ENTRIES, ENTRIES);
    }
    for (uint32_t i = 0; i < COMMANDS; ++i) {
        const uint32_t first = below(info->queue_count);
        uint32_t tried = 0;
        while (tried < info->queue_count && !run_one((first + tried) % info->queue_count))
            ++tried;
        if (tried == info->queue_count) break;
    }
    return 0;
}
