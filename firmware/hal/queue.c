/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/hal/queue.h"

#include "firmware/hal/fail.h"
#include "firmware/hal/hart.h"
#include "firmware/hal/info.h"
#include "firmware/hal/memory.h"
#include "firmware/hal/mmio.h"
#include "firmware/hal/plic.h"

#define QUEUE_MIN_ENTRIES 4u
#define QUEUE_SOURCES 64u

struct queue queues[INFO_QUEUES];
static uint8_t queue_of_source[QUEUE_SOURCES];

/* The rings together take up to a quarter of what SRAM is left. */
static uint32_t choose_entries(unsigned count) {
    uint32_t entries = QUEUE_MAX_ENTRIES;
    while (entries > QUEUE_MIN_ENTRIES && (uint64_t)entries * COMMAND_BYTES * count > memory_left() / 4)
        entries /= 2;
    return entries;
}

void queue_init(void) {
    const struct info_block* info = hal_info();
    if (info->queue_count == 0) return;
    const uint32_t entries = choose_entries(info->queue_count);
    for (unsigned i = 0; i < info->queue_count; ++i) {
        struct queue* queue = &queues[i];
        queue->registers = info->queue[i].registers;
        queue->entries = entries;
        queue->submitted = 0;
        queue->limit = entries;
        queue->ring = memory_allocate(entries * COMMAND_BYTES, COMMAND_BYTES);
        mmio_write64(queue->registers + QUEUE_RING_BASE, (uint64_t)queue->ring);
        mmio_write32(queue->registers + QUEUE_RING_ENTRIES, entries);
        queue_of_source[info->queue[i].interrupt % QUEUE_SOURCES] = (uint8_t)i;
        plic_enable(info->queue[i].interrupt);
    }
    hart_enable(HART_MIE_EXTERNAL);
}

static const char* error_name(uint32_t error) {
    static const char* const names[] = {"none",
                                        "illegal opcode",
                                        "a field is out of its range",
                                        "nothing answers at that address, or it is misaligned",
                                        "the descriptor could not be read",
                                        "an index is out of range"};
    return error < sizeof names / sizeof names[0] ? names[error] : "unknown";
}

static __attribute__((noreturn)) void report_halt(unsigned number) {
    const struct queue* queue = &queues[number];
    const uint32_t index = mmio_read32(queue->registers + QUEUE_ERROR_INDEX);
    const uint32_t error = mmio_read32(queue->registers + QUEUE_ERROR);
    const uint32_t field = mmio_read32(queue->registers + QUEUE_ERROR_FIELD);
    const struct command* command = &queue->ring[index & (queue->entries - 1)];
    hal_fail(EXIT_QUEUE_HALTED,
             "queue %u halted at command %u: %s (error %u, byte %u of the descriptor at 0x%lx, opcode %u, op %u)",
             number, index, error_name(error), error, field, (unsigned long)command, command->header.opcode,
             command->header.op);
}

/*
 * mstatus.MIE stays off: the interrupt only ends the sleep. What is pending is cleared before the caller looks at its
 * condition again, so one that comes after that look ends the next sleep at once, and none is lost.
 */
static void sleep_and_service(void) {
    hart_wait_for_interrupt();
    for (unsigned source = plic_claim(); source; source = plic_claim()) {
        const unsigned number = queue_of_source[source % QUEUE_SOURCES];
        mmio_write32(queues[number].registers + QUEUE_INTERRUPT, 1);
        plic_complete(source);
        if (mmio_read32(queues[number].registers + QUEUE_STATUS) == QUEUE_STATUS_HALTED) report_halt(number);
    }
}

static uint32_t retired(const struct queue* queue) { return mmio_read32(queue->registers + QUEUE_RETIRED); }

void queue_make_room(struct queue* queue) {
    for (;;) {
        queue->limit = retired(queue) + queue->entries;
        if (queue->submitted != queue->limit) return;
        sleep_and_service();
    }
}

uint32_t queue_submit(uint64_t number) {
    struct queue* queue = &queues[number];
    const uint32_t index = queue->submitted, count = index + 1;
    /* A full ring always holds a command that will interrupt: every fourth part of it ends with one. */
    if ((count & (queue->entries / 4 - 1)) == 0)
        queue->ring[index & (queue->entries - 1)].header.flags |= COMMAND_FLAG_INTERRUPT;
    queue->submitted = count;
    hart_write_barrier();
    mmio_write32(queue->registers + QUEUE_DOORBELL, count);
    return count;
}

void queue_rewind(uint64_t number, uint32_t step) {
    struct queue* queue = &queues[number];
    queue->submitted = 0;
    queue->limit = queue->entries;
    mmio_write32(queue->registers + QUEUE_REWIND, step);
}

void queue_run(uint64_t number, uint32_t count) {
    queues[number].submitted = count;
    hart_write_barrier();
    mmio_write32(queues[number].registers + QUEUE_DOORBELL, count);
}

void queue_wait(uint64_t number, uint32_t count) {
    while ((int32_t)(retired(&queues[number]) - count) < 0)
        sleep_and_service();
}
