/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submits random commands: random bytes, and commands that are almost right. Each is waited for until its queue is done with
 * it or has halted; when all queues have halted, or after enough commands, it returns 0. The seed is the scenario's.
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

/* Mostly small; now and then zero, or of any size. */
static uint32_t random_size(void) {
    if (one_in(40)) return (uint32_t)(random64() >> below(64));
    return one_in(60) ? 0 : 1 + below(24);
}

/* Mostly inside the scratchpad; else in some memory, near one's end, or anywhere. */
static uint64_t random_address(void) {
    const struct info_block* info = hal_info();
    const uint64_t mask = one_in(30) ? UINT64_MAX : ~(uint64_t)3;
    switch (below(24)) {
    case 0:
        return random64() & mask;
    case 1:
        return info->scratchpad_base + info->scratchpad_bytes - below(512);
    case 2:
        return info->dram_base + info->dram_bytes - (below(512) & mask);
    case 3:
    case 4:
    case 5:
        return info->dram_base + info->dram_bytes / 2 + (below(1 << 16) & mask);
    case 6:
        return (uint64_t)rings[0]; /* other queues' descriptors */
    default:
        return info->scratchpad_base + (below((uint32_t)info->scratchpad_bytes / 2) & mask);
    }
}

static uint32_t random_pitch(uint32_t cols) {
    switch (below(12)) {
    case 0:
        return (uint32_t)random64();
    case 1:
        return 0;
    case 2:
        return cols * 2;
    default:
        return cols * 4 + below(3) * 4;
    }
}

static void fill_dma(struct command* command) {
    struct dma_body* body = (struct dma_body*)command->body;
    command->header.opcode = (uint8_t)(DMA_COPY + below(4));
    body->src = random_address();
    body->dst = random_address();
    body->index = random_address();
    body->rows = random_size();
    body->cols = random_size();
    body->src_pitch = random_pitch(body->cols);
    body->dst_pitch = random_pitch(body->cols);
    body->index_rows = one_in(2) ? UINT32_MAX : random_size();
    body->src_format = (uint8_t)below(2);
    body->dst_format = (uint8_t)below(2);
    body->mode = (uint8_t)(one_in(2) ? 0 : below(4));
}

static void fill_matrix(struct command* command) {
    struct matrix_body* body = (struct matrix_body*)command->body;
    command->header.opcode = MATRIX_MULTIPLY;
    body->a = random_address();
    body->b = random_address();
    body->c = random_address();
    body->bias = random_address();
    body->m = random_size();
    body->n = random_size();
    body->k = random_size();
    body->a_pitch = random_pitch(body->k);
    body->b_pitch = random_pitch(body->n);
    body->c_pitch = random_pitch(body->n);
    body->a_format = (uint8_t)below(2);
    body->b_format = (uint8_t)below(2);
    body->c_format = (uint8_t)(one_in(4) ? 1 : 0);
    body->mode = (uint8_t)below(16);
}

static void fill_vector(struct command* command) {
    struct vector_body* body = (struct vector_body*)command->body;
    command->header.opcode = (uint8_t)(1 + below(40));
    body->dst = random_address();
    body->a = random_address();
    body->b = random_address();
    body->c = random_address();
    body->rows = random_size();
    body->cols = random_size();
    body->dst_pitch = random_pitch(body->cols);
    body->a_pitch = random_pitch(body->cols);
    body->b_pitch = random_pitch(body->cols);
    body->b_mode = (uint8_t)below(3);
    for (unsigned i = 0; i < sizeof body->u.scalar / sizeof body->u.scalar[0]; ++i) {
        const uint32_t bits = one_in(2) ? 0x3f000000u + below(1 << 24) : (uint32_t)random64();
        __builtin_memcpy((char*)&body->u + 4 * i, &bits, 4);
    }
}

static void fill(struct command* command, uint32_t kind) {
    *command = (struct command){0};
    if (kind == INFO_QUEUE_DMA) fill_dma(command);
    if (kind == INFO_QUEUE_MATRIX) fill_matrix(command);
    if (kind == INFO_QUEUE_VECTOR) fill_vector(command);
    command->header.flags = one_in(8) ? COMMAND_FLAG_INTERRUPT : 0;
    command->header.phase = (uint8_t)random64();
    command->header.op = (uint16_t)random64();
    command->header.layer = (uint16_t)random64();
    command->header.step = (uint32_t)random64();
    /* Now and then one byte of the body, or all of the descriptor, is anything. */
    if (one_in(30)) command->body[below(COMMAND_BODY_BYTES)] = (uint8_t)random64();
    if (one_in(100)) {
        for (unsigned i = 0; i < COMMAND_BYTES / 8; ++i)
            ((uint64_t*)command)[i] = random64();
        command->header.waits[0].queue_plus_one &= 0xff; /* mostly a queue that does not exist, never one to wait for */
        for (unsigned i = 0; i < COMMAND_WAITS; ++i)
            if (command->header.waits[i].queue_plus_one <= hal_info()->queue_count)
                command->header.waits[i].queue_plus_one = 0;
    }
}

/* 1 while the queue still works. */
static int run_one(uint32_t queue) {
    const struct info_queue* info = &hal_info()->queue[queue];
    if (mmio_read32(info->registers + QUEUE_STATUS) == QUEUE_STATUS_HALTED) return 0;
    fill(&rings[queue][submitted[queue] % ENTRIES], info->kind);
    mmio_write32(info->registers + QUEUE_DOORBELL, ++submitted[queue]);
    while (mmio_read32(info->registers + QUEUE_STATUS) == QUEUE_STATUS_RUNNING) {
    }
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
