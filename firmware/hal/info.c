/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/hal/info.h"

#include "firmware/hal/fail.h"

const struct info_block* hal_info(void) { return (const struct info_block*)INFO_BLOCK_ADDRESS; }

void hal_check_info(void) {
    const struct info_block* info = hal_info();
    /* Without a good block there is no address of a console to complain on. A trap is all that is left. */
    if (info->magic != INFO_MAGIC) __builtin_trap();
    if (info->version != INFO_VERSION)
        hal_fail(EXIT_CHIP, "info block version %u, this firmware knows %u", info->version, INFO_VERSION);
    if (info->queue_count > INFO_QUEUES)
        hal_fail(EXIT_CHIP, "info block lists %u queues, at most %u exist", info->queue_count, INFO_QUEUES);
}
