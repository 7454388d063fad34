/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building commands, with the waits that data hazards ask for. A command states which buffers it reads and writes; the
 * runtime remembers for each buffer who wrote it last and who has read it since, and turns read-after-write,
 * write-after-read and write-after-write into waits of the descriptor.
 *
 * A wait is left out when the queue has waited for as much before: queues retire in order, so `known[x][y]`, the fence of
 * y that x has waited for, holds for all later commands of x.
 *
 *     command_begin(queue);
 *     command_reads(a); command_writes(b);
 *     struct command *command = command_place(opcode);  // may add fence commands before it
 *     ... fill command->body ...
 *     const uint32_t count = queue_submit(queue);
 *     hazard_read(a, queue, count); hazard_written(b, queue, count);
 */
#ifndef GRADUS_FIRMWARE_RUNTIME_COMMAND_H
#define GRADUS_FIRMWARE_RUNTIME_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/hal/queue.h"
#include "ip/peripherals/info_block.h"

struct hazard {
    uint32_t writer; /* queue + 1; 0: nobody */
    uint32_t written;
    uint32_t readers; /* set of queues that read what was written last */
    uint32_t read[INFO_QUEUES];
};

struct issue {
    uint64_t tag;      /* first 8 bytes of a header but opcode and flags: phase, layer, op */
    uint32_t step;
    uint32_t queue;    /* of the command being built */
    uint32_t waits;    /* set of queues it waits for; the counts are in known[queue] */
    uint32_t wait_count;
    uint32_t *known_here;
    uint32_t queues;
    uint32_t entered;             /* set of queues that have waited for the current arena to be free */
    const uint32_t *arena_fences; /* [queues] */
    uint32_t known[INFO_QUEUES][INFO_QUEUES];
};

extern struct issue issue;

static inline void command_wait(uint32_t queue, uint32_t count)
{
    if (queue == issue.queue || (int32_t)(issue.known_here[queue] - count) >= 0) return;
    issue.known_here[queue] = count;
    if (issue.waits >> queue & 1) return;
    issue.waits |= 1u << queue;
    ++issue.wait_count;
}

static inline void command_begin(uint32_t queue)
{
    issue.queue = queue;
    issue.waits = 0;
    issue.wait_count = 0;
    issue.known_here = issue.known[queue];
    if (issue.entered >> queue & 1) return;
    issue.entered |= 1u << queue;
    for (uint32_t i = 0; i < issue.queues; ++i) command_wait(i, issue.arena_fences[i]);
}

static inline void command_reads(const struct hazard *hazard)
{
    if (hazard->writer) command_wait(hazard->writer - 1, hazard->written);
}

static inline void command_writes(const struct hazard *hazard)
{
    command_reads(hazard);
    uint32_t queue = 0;
    for (uint32_t readers = hazard->readers; readers; readers >>= 1, ++queue)
        if (readers & 1) command_wait(queue, hazard->read[queue]);
}

/* More waits than a descriptor holds: the surplus goes to fence commands before it in the same queue. */
void command_place_surplus(void);

/* Moves up to COMMAND_WAITS waits of the command being built into `header`. */
static inline void command_take_waits(struct command_header *header)
{
    struct command_wait *wait = header->waits;
    struct command_wait *const end = wait + COMMAND_WAITS;
    uint32_t queue = 0;
    for (uint32_t waits = issue.waits; waits && wait != end; waits >>= 1, ++queue)
        if (waits & 1) {
            wait->queue_plus_one = queue + 1;
            wait->count = issue.known_here[queue];
            issue.waits &= ~(1u << queue);
            ++wait;
        }
    for (; wait != end; ++wait) wait->queue_plus_one = 0;
}

/* The descriptor, its header complete. `opcode` may carry flags: opcode | COMMAND_FLAG_* << 8. */
static inline struct command *command_place(uint32_t opcode)
{
    if (issue.wait_count > COMMAND_WAITS) command_place_surplus();
    struct command *command = queue_next(issue.queue);
    struct command_header *header = &command->header;
    *(uint64_t *)header = issue.tag | opcode;
    header->step = issue.step;
    command_take_waits(header);
    return command;
}

static inline void hazard_read(struct hazard *hazard, uint32_t queue, uint32_t count)
{
    hazard->readers |= 1u << queue;
    hazard->read[queue] = count;
}

static inline void hazard_written(struct hazard *hazard, uint32_t queue, uint32_t count)
{
    hazard->writer = queue + 1;
    hazard->written = count;
    hazard->readers = 0;
}

/* Sleeps until every queue has retired all its commands. */
void command_drain(void);

#endif
