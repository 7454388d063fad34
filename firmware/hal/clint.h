/* SPDX-License-Identifier: Apache-2.0 */
/* Time, see ip/peripherals/clint.h. */
#ifndef GRADUS_FIRMWARE_HAL_CLINT_H
#define GRADUS_FIRMWARE_HAL_CLINT_H

#include <stdint.h>

uint64_t clint_cycles(void); /* chip clock cycles since reset */

/* Sleeps until then. Other interrupts that are enabled wake the hart in between and stay pending. */
void clint_sleep_until(uint64_t cycles);

#endif
