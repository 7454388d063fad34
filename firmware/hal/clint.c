/* SPDX-License-Identifier: Apache-2.0 */
#include "ip/peripherals/clint.h"

#include "firmware/hal/clint.h"
#include "firmware/hal/hart.h"
#include "firmware/hal/info.h"
#include "firmware/hal/mmio.h"

uint64_t clint_cycles(void) { return mmio_read64(hal_info()->clint + CLINT_MTIME); }

void clint_sleep_until(uint64_t cycles) {
    mmio_write64(hal_info()->clint + CLINT_MTIMECMP, cycles);
    hart_enable(HART_MIE_TIMER);
    while (clint_cycles() < cycles)
        hart_wait_for_interrupt();
    hart_disable(HART_MIE_TIMER);
    mmio_write64(hal_info()->clint + CLINT_MTIMECMP, UINT64_MAX);
}
