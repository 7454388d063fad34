/* SPDX-License-Identifier: Apache-2.0 */
#include "ip/peripherals/plic.h"

#include "firmware/hal/info.h"
#include "firmware/hal/mmio.h"
#include "firmware/hal/plic.h"

void plic_enable(unsigned source) {
    const uint64_t plic = hal_info()->plic;
    const uint64_t enable = plic + PLIC_ENABLE + source / 32 * 4;
    mmio_write32(plic + PLIC_PRIORITY + source * 4, 1);
    mmio_write32(enable, mmio_read32(enable) | 1u << source % 32);
    mmio_write32(plic + PLIC_THRESHOLD, 0);
}

unsigned plic_claim(void) { return mmio_read32(hal_info()->plic + PLIC_CLAIM); }

void plic_complete(unsigned source) { mmio_write32(hal_info()->plic + PLIC_CLAIM, source); }
