/* SPDX-License-Identifier: Apache-2.0 */
/* Misbehaves, in the way that the scenario's seed chooses (hostile_cases.h). */
#include <stdint.h>

#include "firmware/hal/hart.h"
#include "firmware/hal/info.h"
#include "firmware/hal/mailbox.h"
#include "firmware/hal/memory.h"
#include "firmware/hal/mmio.h"
#include "firmware/hal/queue.h"
#include "firmware/include/schedule_image.h"
#include "ip/dma/dma_command.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/vector_command.h"
#include "tests/firmware/hostile_cases.h"

#define NOWHERE 0x20000000u

volatile uint64_t tohost;

static uint64_t registers_of(uint32_t queue) { return hal_info()->queue[queue].registers; }
static uint32_t matrix_queue(void) { return hal_info()->queue_count - 2; }
static uint32_t vector_queue(void) { return hal_info()->queue_count - 1; }

static __attribute__((noreturn)) void sleep_for_ever(void) {
    for (;;)
        hart_wait_for_interrupt();
}

/* The next descriptor of a queue, a copy within the scratchpad or a fence. */
static struct command* next_fence(uint32_t queue) {
    struct command* command = queue_next(queue);
    command->header.opcode = COMMAND_FENCE;
    return command;
}

static struct dma_body* next_dma(uint8_t opcode) {
    struct command* command = queue_next(0);
    command->header.opcode = opcode;
    struct dma_body* body = (struct dma_body*)command->body;
    body->src = hal_info()->scratchpad_base;
    body->dst = hal_info()->scratchpad_base + 1024;
    body->rows = body->cols = 4;
    body->src_pitch = body->dst_pitch = 16;
    return body;
}

static struct matrix_body* next_matrix(void) {
    struct command* command = queue_next(matrix_queue());
    command->header.opcode = MATRIX_MULTIPLY;
    struct matrix_body* body = (struct matrix_body*)command->body;
    body->a = body->b = hal_info()->scratchpad_base;
    body->c = hal_info()->scratchpad_base + 1024;
    body->m = body->n = body->k = 4;
    body->a_pitch = body->b_pitch = body->c_pitch = 16;
    return body;
}

static struct vector_body* next_vector(uint8_t opcode) {
    struct command* command = queue_next(vector_queue());
    command->header.opcode = opcode;
    struct vector_body* body = (struct vector_body*)command->body;
    body->a = body->b = hal_info()->scratchpad_base;
    body->dst = hal_info()->scratchpad_base + 1024;
    body->rows = body->cols = 4;
    body->a_pitch = body->b_pitch = body->dst_pitch = 16;
    return body;
}

static void submit_and_wait(uint32_t queue) { queue_wait(queue, queue_submit(queue)); }

static void submit_and_sleep(uint32_t queue) {
    queue_submit(queue);
    sleep_for_ever();
}

static void wait_for(struct command* command, uint32_t queue, uint32_t count) {
    command->header.waits[0].queue_plus_one = queue + 1;
    command->header.waits[0].count = count;
}

static uint64_t recurse(volatile uint64_t* outer);
static uint64_t (*volatile deeper)(volatile uint64_t*) = recurse; /* so that the compiler does not see through it */

static uint64_t recurse(volatile uint64_t* outer) {
    volatile uint64_t frame[32];
    frame[0] = (uint64_t)outer;
    return deeper(frame) + frame[0];
}

static void set_trap_handler(uint64_t address) {
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrw mtvec, %0\n.option pop" ::"r"(address));
}

static void misuse_the_hart(uint32_t number) {
    switch (number) {
    case HOSTILE_LOAD_NOWHERE:
        mmio_read32(NOWHERE);
        break;
    case HOSTILE_STORE_NOWHERE:
        mmio_write64(NOWHERE + 8, 1);
        break;
    case HOSTILE_STORE_READ_ONLY_REGISTER:
        mmio_write32(registers_of(0) + QUEUE_RETIRED, 1);
        break;
    case HOSTILE_STORE_INFO_BLOCK:
        mmio_write32(INFO_BLOCK_ADDRESS, 1);
        break;
    case HOSTILE_WRONG_WIDTH:
        mmio_read64(registers_of(0) + QUEUE_STATUS);
        break;
    case HOSTILE_JUMP_NOWHERE:
        ((void (*)(void))(uintptr_t)NOWHERE)();
        break;
    case HOSTILE_JUMP_INTO_DRAM:
        ((void (*)(void))(uintptr_t)hal_info()->dram_base)();
        break;
    case HOSTILE_ILLEGAL_INSTRUCTION:
        __asm__ volatile(".word 0xffffffff");
        break;
    case HOSTILE_ENVIRONMENT_CALL:
        __asm__ volatile("ecall");
        break;
    case HOSTILE_STACK_OVERFLOW:
        recurse(0);
        break;
    case HOSTILE_NO_TRAP_HANDLER:
        set_trap_handler(0);
        mmio_read32(NOWHERE);
        break;
    case HOSTILE_TRAP_HANDLER_NOWHERE:
        set_trap_handler(NOWHERE);
        mmio_read32(NOWHERE);
        break;
    case HOSTILE_UNKNOWN_MESSAGE:
        mailbox_send(99, 0, 0);
        break;
    default:
        break;
    }
}

static void submit_nonsense(uint32_t number) {
    switch (number) {
    case HOSTILE_OPCODE:
        next_dma(77);
        submit_and_wait(0);
        break;
    case HOSTILE_ADDRESS:
        next_dma(DMA_COPY)->dst = NOWHERE;
        submit_and_wait(0);
        break;
    case HOSTILE_MATRIX_FIELD:
        next_matrix()->k = 0;
        submit_and_wait(matrix_queue());
        break;
    case HOSTILE_VECTOR_FIELD:
        next_vector(VECTOR_ADD)->b_mode = 200;
        submit_and_wait(vector_queue());
        break;
    case HOSTILE_INDEX: {
        static uint32_t index[4] = {0, 1, 99, 2};
        struct dma_body* body = next_dma(DMA_GATHER);
        body->index = (uint64_t)index;
        body->index_rows = 4;
        submit_and_wait(0);
        break;
    }
    case HOSTILE_WAIT_FOR_NO_QUEUE:
        wait_for(next_fence(0), 30, 1);
        submit_and_wait(0);
        break;
    default:
        break;
    }
}

static void misuse_the_ring(uint32_t number) {
    const uint64_t queue = registers_of(0);
    switch (number) {
    case HOSTILE_RING_NOWHERE:
        mmio_write64(queue + QUEUE_RING_BASE, NOWHERE);
        mmio_write32(queue + QUEUE_DOORBELL, 1);
        sleep_for_ever();
    case HOSTILE_DOORBELL_TOO_FAR:
        mmio_write32(queue + QUEUE_DOORBELL, 100000);
        break;
    case HOSTILE_RING_MOVED_WHILE_BUSY:
        wait_for(next_fence(0), vector_queue(), 1);
        queue_submit(0);
        mmio_write64(queue + QUEUE_RING_BASE, hal_info()->sram_base);
        break;
    default:
        break;
    }
}

static void wait_for_ever(uint32_t number) {
    switch (number) {
    case HOSTILE_SLEEP:
        sleep_for_ever();
    case HOSTILE_UNREACHED_FENCE:
        wait_for(next_fence(0), vector_queue(), 5);
        submit_and_sleep(0);
        break;
    case HOSTILE_CIRCLE:
        wait_for(next_fence(matrix_queue()), vector_queue(), 1);
        wait_for(next_fence(vector_queue()), matrix_queue(), 1);
        queue_submit(matrix_queue());
        submit_and_sleep(vector_queue());
        break;
    case HOSTILE_WAITS_FOR_ITSELF:
        wait_for(next_fence(0), 0, 1);
        submit_and_sleep(0);
        break;
    case HOSTILE_ENDLESS_LOOP:
        for (;;)
            __asm__ volatile("");
    case HOSTILE_ENDLESS_POLL:
        wait_for(next_fence(0), vector_queue(), 1);
        queue_submit(0);
        while (mmio_read32(registers_of(0) + QUEUE_RETIRED) == 0) {}
        break;
    case HOSTILE_SLEEP_BESIDE_HALTED_QUEUE:
        next_dma(77);
        submit_and_sleep(0);
        break;
    default:
        break;
    }
}

static int result_of(uint32_t number) {
    switch (number) {
    case HOSTILE_RETURN_7:
        return 7;
    case HOSTILE_RETURN_256:
        return 256;
    case HOSTILE_TOHOST_9:
        tohost = 9 << 1 | 1;
        sleep_for_ever();
    case HOSTILE_RETURN_0_BESIDE_HALTED_QUEUE:
        next_dma(77);
        queue_submit(0);
        return 0;
    case HOSTILE_WANTS_MORE_MEMORY:
        memory_allocate(1u << 30, 8);
        return 0;
    default:
        return 0;
    }
}

int main(void) {
    const struct image_header* image = (const struct image_header*)(uintptr_t)hal_info()->image_address;
    const uint32_t number = (uint32_t)image->seed;
    misuse_the_hart(number);
    if (number == HOSTILE_DOORBELL_WITHOUT_RING) mmio_write32(registers_of(0) + QUEUE_DOORBELL, 1);
    queue_init();
    submit_nonsense(number);
    misuse_the_ring(number);
    wait_for_ever(number);
    return result_of(number);
}
