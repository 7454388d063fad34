/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox: how firmware reports results to the world outside the chip. Write the arguments, then the message kind.
 * All registers are 64 bits, write-only.
 */
#ifndef GRADUS_IP_PERIPHERALS_MAILBOX_H
#define GRADUS_IP_PERIPHERALS_MAILBOX_H

#define MAILBOX_ARGUMENT0 0x00u
#define MAILBOX_ARGUMENT1 0x08u
#define MAILBOX_SEND 0x10u /* a MAILBOX_* kind, below */
#define MAILBOX_REGISTER_BYTES 0x1000u

#define MAILBOX_EXIT 1u      /* argument 0: exit code; the simulation ends */
#define MAILBOX_STEP_DONE 2u /* argument 0: step, argument 1: loss as fp32 bits; its inputs are needed no more */
#define MAILBOX_TEXT                                                                                                   \
    3u /* argument 0: token, argument 1: number of the generated text; the boundary token ends a text */
#define MAILBOX_PHASE 4u      /* argument 0: COMMAND_PHASE_*: what the hart works on now */
#define MAILBOX_VALIDATION 5u /* argument 0: step before it, argument 1: loss of a batch as fp32 bits */

#endif
