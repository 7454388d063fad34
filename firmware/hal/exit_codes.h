/* SPDX-License-Identifier: Apache-2.0 */
/* What the firmware hands to MAILBOX_EXIT. An application may use any other number for itself. */
#ifndef GRADUS_FIRMWARE_HAL_EXIT_CODES_H
#define GRADUS_FIRMWARE_HAL_EXIT_CODES_H

#define EXIT_DONE 0
#define EXIT_QUEUE_HALTED 70 /* a queue stopped at a bad command */
#define EXIT_TRAP 71         /* an unexpected trap */
#define EXIT_IMAGE 72        /* no schedule image, or one that this firmware cannot read */
#define EXIT_SHAPE 73        /* an operator does not fit the scratchpad */
#define EXIT_CHIP 74         /* the chip lacks something that the application needs */
#define EXIT_MEMORY 75       /* the hart's SRAM is too small */

#endif
