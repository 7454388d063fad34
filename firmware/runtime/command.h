/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building commands, with the waits that data hazards ask for. A command states which buffers it reads and writes; the
 * runtime remembers for each buffer who wrote it last and who has read it since, and turns read-after-write,
 * write-after-read and write-after-write into waits of the descriptor.
 *
 * A wait is left out when the queue has waited for as much before: queues retire in order, so `known[x][y]`, the fence
 * of y that x has waited for, holds for all later commands of x. known[x][x] is what x has been given.
 *
 *     struct issue issue = command_begin(queue);
 *     command_reads(&issue, a); command_writes(&issue, b);
 *     struct dma_body *body = command_place(&issue, opcode);
 *     ... fill the body ...
 *     const uint32_t count = command_submit(&issue);
 *     hazard_read(a, queue, count); hazard_written(b, queue, count);
 *
 * This is where the hart spends its time, and on a small chip the hart is what everybody waits for. So all of it is
 * inline, and a command under construction lives in registers.
 */
#ifndef GRADUS_FIRMWARE_RUNTIME_COMMAND_H
#define GRADUS_FIRMWARE_RUNTIME_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/hal/queue.h"
#include "ip/peripherals/info_block.h"

/* What later commands must know of a buffer. */
struct hazard {
    uint32_t writer; /* queue + 1; 0: nobody */
    uint32_t written;
    uint64_t readers; /* set of queues that read what was written last */
    uint32_t read[INFO_QUEUES];
};

/* What all commands of an operator have in common. */
struct command_context {
    uint64_t tag;          /* first 8 bytes of a header but opcode and flags: phase, layer */
    uint64_t step_op;      /* the next 8: op; the step comes with QUEUE_REWIND */
    uint64_t entered;      /* set of queues that have waited for the current arena to be free */
    uint64_t arena_queues; /* what they have to wait for: fences of so many queues */
    const uint32_t* arena_queue;
    const uint32_t* arena_fence;
    uint32_t known[INFO_QUEUES][INFO_QUEUES];
};

extern struct command_context command_context;

/* The compiler would rather share this code, which puts the command under construction into memory. */
#define COMMAND_INLINE static inline __attribute__((always_inline))

/* A command under construction. */
struct issue {
    struct command* command;
    struct command_wait* next; /* free wait of it */
    uint64_t queue;
    uint64_t waits; /* set of queues it waits for */
    uint32_t* known;
};

/* The descriptor is full of waits: it becomes a fence command, and another one is begun behind it. */
struct command* command_split(struct command* command, uint64_t queue);

COMMAND_INLINE struct command_wait* command_clear_waits(struct command* command) {
    for (unsigned i = 0; i < COMMAND_WAITS; ++i)
        command->header.waits[i].queue_plus_one = 0;
    return command->header.waits;
}

COMMAND_INLINE void command_wait(struct issue* issue, uint64_t queue, uint32_t count) {
    uint32_t* known = &issue->known[queue];
    if ((int32_t)(*known - count) >= 0) return;
    *known = count;
    if (issue->waits >> queue & 1) {
        struct command_wait* wait = issue->command->header.waits;
        while (wait->queue_plus_one != queue + 1)
            ++wait;
        wait->count = count;
        return;
    }
    if (issue->next == issue->command->header.waits + COMMAND_WAITS) {
        issue->command = command_split(issue->command, issue->queue);
        issue->next = issue->command->header.waits;
        issue->waits = 0;
    }
    issue->waits |= UINT64_C(1) << queue;
    issue->next->queue_plus_one = (uint32_t)queue + 1;
    issue->next->count = count;
    ++issue->next;
}

COMMAND_INLINE struct issue command_begin(uint64_t queue) {
    struct issue issue;
    issue.command = queue_next(queue);
    issue.queue = queue;
    issue.waits = 0;
    issue.known = command_context.known[queue];
    issue.next = command_clear_waits(issue.command);
    if (command_context.entered >> queue & 1) return issue;
    command_context.entered |= UINT64_C(1) << queue;
    const uint32_t *queue_of = command_context.arena_queue, *fence = command_context.arena_fence;
    const uint32_t* const end = fence + command_context.arena_queues;
    for (; fence != end; ++fence, ++queue_of)
        command_wait(&issue, *queue_of, *fence);
    return issue;
}

COMMAND_INLINE void command_reads(struct issue* issue, const struct hazard* hazard) {
    if (hazard->writer) command_wait(issue, hazard->writer - UINT64_C(1), hazard->written);
}

COMMAND_INLINE void command_writes(struct issue* issue, const struct hazard* hazard) {
    command_reads(issue, hazard);
    const uint32_t* read = hazard->read;
    for (uint64_t readers = hazard->readers, queue = 0; readers; readers >>= 1, ++queue)
        if (readers & 1) command_wait(issue, queue, read[queue]);
}

/* Completes the header. `opcode` may carry flags: opcode | COMMAND_FLAG_* << 8. Returns the body. */
COMMAND_INLINE void* command_place(const struct issue* issue, uint64_t opcode) {
    uint64_t* header = (uint64_t*)&issue->command->header;
    header[0] = command_context.tag | opcode;
    header[1] = command_context.step_op;
    return issue->command->body;
}

/* Returns the queue's fence once this command has retired. */
COMMAND_INLINE uint32_t command_submit(const struct issue* issue) {
    return issue->known[issue->queue] = queue_submit(issue->queue);
}

static inline void hazard_read(struct hazard* hazard, uint64_t queue, uint32_t count) {
    hazard->readers |= UINT64_C(1) << queue;
    hazard->read[queue] = count;
}

static inline void hazard_written(struct hazard* hazard, uint64_t queue, uint32_t count) {
    hazard->writer = (uint32_t)queue + 1;
    hazard->written = count;
    hazard->readers = 0;
}

/* Sleeps until queues 0 to count - 1 have retired all their commands. */
void command_drain(uint64_t count);

#endif
