/* SPDX-License-Identifier: Apache-2.0 */
/* Reports to the world outside the chip, see ip/peripherals/mailbox.h. */
#ifndef GRADUS_FIRMWARE_HAL_MAILBOX_H
#define GRADUS_FIRMWARE_HAL_MAILBOX_H

#include <stdint.h>

#include "ip/peripherals/mailbox.h"

/* `kind` is MAILBOX_*. */
void mailbox_send(unsigned kind, uint64_t argument0, uint64_t argument1);

__attribute__((noreturn)) void mailbox_exit(int code);

#endif
