/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programming interface of a command queue: descriptor header and registers.
 * Shared by the model, the firmware and the documentation.
 *
 * Every hardware unit (a DMA channel, the matrix unit, the vector unit) consumes 128-byte descriptors from a ring
 * in memory. Firmware writes descriptors, then writes the number of commands it has submitted so far to the doorbell.
 * Command number i (counting from 0) sits at ring_base + (i mod ring_entries) * 128. The queue retires commands in
 * order; its *fence* is the count of what it has retired. All counts are 32 bits and wrap; they are compared by
 * signed difference, so a wait may look at most 2^31 - 1 commands ahead.
 *
 * A ring is a list that can be run again. When all queues are idle, firmware rewinds them: counts start at 0 and the
 * next descriptor is that at ring_base. Descriptors and their waits are then good as they lie there; a doorbell runs as
 * many of them as it says, with no more work for the hart. Whatever differs from run to run it writes into the
 * descriptors before; the step of all of them comes with the rewinding.
 */
#ifndef GRADUS_IP_COMMON_COMMAND_H
#define GRADUS_IP_COMMON_COMMAND_H

#include <stdint.h>

#define COMMAND_BYTES 128u
#define COMMAND_WAITS 4u
#define COMMAND_BODY_BYTES 80u
#define COMMAND_MAX_QUEUES 32u

/* Opcode 0 of every queue: does no work, only waits (and interrupts, if its flag says so). */
#define COMMAND_FENCE 0u

/* command_header.flags; the other bits must be zero */
#define COMMAND_FLAG_INTERRUPT 0x01u

/* command_header.phase: who owns the time. Any other value is reported as "other". */
#define COMMAND_PHASE_OTHER 0u
#define COMMAND_PHASE_FORWARD 1u
#define COMMAND_PHASE_BACKWARD 2u
#define COMMAND_PHASE_UPDATE 3u
#define COMMAND_PHASE_GENERATE 4u
#define COMMAND_PHASE_VALIDATE 5u
#define COMMAND_PHASES 6u

/* command_header.op / .layer when the command belongs to no operator / layer of the schedule. */
#define COMMAND_NO_OP 0xffffffffu
#define COMMAND_NO_LAYER 0xffffu
/* Operators are numbered below this. */
#define COMMAND_MAX_OPS 0x100000u

/* Element formats. */
#define FORMAT_FP32 0u
#define FORMAT_BF16 1u

/* "Queue `queue_plus_one - 1` has retired at least `count` commands." queue_plus_one 0: no wait. */
struct command_wait {
    uint32_t queue_plus_one;
    uint32_t count;
};

struct command_header {
    uint8_t opcode;
    uint8_t flags;
    uint8_t phase;
    uint8_t reserved0; /* must be zero */
    uint16_t layer;
    uint16_t reserved1; /* must be zero */
    uint32_t step;      /* QUEUE_REWIND is added to it */
    uint32_t op;        /* below COMMAND_MAX_OPS, or COMMAND_NO_OP */
    struct command_wait waits[COMMAND_WAITS];
};

struct command {
    struct command_header header;
    uint8_t body[COMMAND_BODY_BYTES]; /* struct dma_body, matrix_body or vector_body */
};

/* Registers of a queue, byte offsets. All are 32 bits wide but for RING_BASE. */
#define QUEUE_RING_BASE 0x00u    /* rw 64: address of the ring, 128-byte aligned; fixed while commands are in it */
#define QUEUE_RING_ENTRIES 0x08u /* rw: number of descriptors, a power of two from 2 to 4096; fixed likewise */
#define QUEUE_DOORBELL 0x0cu    /* rw: commands submitted so far; never back, never more than a ring ahead of RETIRED */
#define QUEUE_RETIRED 0x10u     /* ro: commands retired so far, the fence */
#define QUEUE_STATUS 0x14u      /* ro: QUEUE_STATUS_* */
#define QUEUE_ERROR 0x18u       /* ro: QUEUE_ERROR_* of the command that stopped the queue */
#define QUEUE_ERROR_INDEX 0x1cu /* ro: number of that command */
#define QUEUE_ERROR_FIELD 0x20u /* ro: byte offset of the offending field in the descriptor */
#define QUEUE_INTERRUPT 0x24u   /* rw1c: 1 while the interrupt is pending */
/*
 * rw: a write makes DOORBELL and RETIRED 0, and adds its value to the step of every command that follows. The queue is
 * idle then; no other one may have commands that wait for it.
 */
#define QUEUE_REWIND 0x28u
#define QUEUE_REGISTER_BYTES 0x1000u

#define QUEUE_STATUS_IDLE 0u
#define QUEUE_STATUS_RUNNING 1u
#define QUEUE_STATUS_HALTED 2u /* stopped at a bad command; nothing restarts it but a reset */

#define QUEUE_ERROR_NONE 0u
#define QUEUE_ERROR_OPCODE 1u  /* illegal opcode */
#define QUEUE_ERROR_VALUE 2u   /* a field is out of its range */
#define QUEUE_ERROR_ADDRESS 3u /* nothing answers there, or it is misaligned */
#define QUEUE_ERROR_FETCH 4u   /* the descriptor itself could not be read */
#define QUEUE_ERROR_INDEXED 5u /* a gather or one-hot index is out of range */

#endif
