/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command queues, see ip/common/command.h. Queues go by their number in the info block. The hart never polls: when it has
 * to wait it sleeps until a queue interrupts. A queue that halted at a bad command ends the run with EXIT_QUEUE_HALTED.
 */
#ifndef GRADUS_FIRMWARE_HAL_QUEUE_H
#define GRADUS_FIRMWARE_HAL_QUEUE_H

#include <stdint.h>

#include "ip/common/command.h"

/* Sets up the rings of all queues; call once, before anything else here. */
void queue_init(void);

/*
 * The descriptor to fill next; sleeps while the ring is full. Its bytes are those of an older command of this queue (zero at
 * first), so reserved fields stay zero by themselves, and every other field that the opcode reads must be written.
 */
struct command *queue_next(unsigned queue);

/* Submits the descriptor that queue_next gave. Returns the queue's fence once this command has retired. */
uint32_t queue_submit(unsigned queue);

/* Commands submitted so far. */
uint32_t queue_submitted(unsigned queue);

/* Sleeps until the queue has retired `count` commands. Command number count - 1 must carry COMMAND_FLAG_INTERRUPT. */
void queue_wait(unsigned queue, uint32_t count);

#endif
