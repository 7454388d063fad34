/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt controller, see ip/peripherals/plic.h. */
#ifndef GRADUS_FIRMWARE_HAL_PLIC_H
#define GRADUS_FIRMWARE_HAL_PLIC_H

#include <stdint.h>

void plic_enable(unsigned source);
unsigned plic_claim(void); /* 0: none pending */
void plic_complete(unsigned source);

#endif
