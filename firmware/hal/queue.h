/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command queues, see ip/common/command.h. Queues go by their number in the info block. The hart never polls: when it
 * has to wait it sleeps until a queue interrupts. A queue that halted at a bad command ends the run with
 * EXIT_QUEUE_HALTED.
 */
#ifndef GRADUS_FIRMWARE_HAL_QUEUE_H
#define GRADUS_FIRMWARE_HAL_QUEUE_H

#include <stdint.h>

#include "ip/common/command.h"
#include "ip/peripherals/info_block.h"

/* Of a ring, where the SRAM has room for so many. */
#define QUEUE_MAX_ENTRIES 512u

/* A queue as the hart sees it. Filling it is on the critical path of small chips, so the fast way is inline. */
struct queue {
    struct command* ring;
    uint64_t registers;
    uint32_t entries;
    uint32_t submitted; /* commands so far */
    uint32_t limit;     /* `submitted` may not pass this: retired at the last look, and a ring */
};

extern struct queue queues[INFO_QUEUES];

/* Sets up the rings of all queues; call once, before anything else here. */
void queue_init(void);

/* Sleeps until there is room in the ring. */
void queue_make_room(struct queue* queue);

/*
 * The descriptor to fill next; sleeps while the ring is full. Its bytes are those of an older command of this queue
 * (zero at first), so reserved fields stay zero by themselves, and every other field that the opcode reads must be
 * written.
 */
static inline struct command* queue_next(uint64_t number) {
    struct queue* queue = &queues[number];
    if (queue->submitted == queue->limit) queue_make_room(queue);
    return &queue->ring[queue->submitted & (queue->entries - 1)];
}

/* Submits the descriptor that queue_next gave. Returns the queue's fence once this command has retired. */
uint32_t queue_submit(uint64_t number);

/*
 * The queue is idle. Counts start at 0 again, at the beginning of the ring; `step` is added to that of all commands
 * that follow.
 */
void queue_rewind(uint64_t number, uint32_t step);

/* After queue_rewind: runs the first `count` descriptors of the ring as they lie there, up to a ring of them. */
void queue_run(uint64_t number, uint32_t count);

/* Sleeps until the queue has retired `count` commands. Command number count - 1 must carry COMMAND_FLAG_INTERRUPT. */
void queue_wait(uint64_t number, uint32_t count);

#endif
