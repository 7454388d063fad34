/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/hal/mailbox.h"

#include "firmware/hal/hart.h"
#include "firmware/hal/info.h"
#include "firmware/hal/mmio.h"

void mailbox_send(unsigned kind, uint64_t argument0, uint64_t argument1) {
    const uint64_t mailbox = hal_info()->mailbox;
    mmio_write64(mailbox + MAILBOX_ARGUMENT0, argument0);
    mmio_write64(mailbox + MAILBOX_ARGUMENT1, argument1);
    mmio_write64(mailbox + MAILBOX_SEND, kind);
}

void mailbox_exit(int code) {
    mailbox_send(MAILBOX_EXIT, (uint64_t)(unsigned)code, 0);
    for (;;)
        hart_wait_for_interrupt();
}
