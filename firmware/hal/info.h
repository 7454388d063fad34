/* SPDX-License-Identifier: Apache-2.0 */
/* What chip is this? The info block holds the address of everything else. */
#ifndef GRADUS_FIRMWARE_HAL_INFO_H
#define GRADUS_FIRMWARE_HAL_INFO_H

#include "ip/peripherals/info_block.h"

const struct info_block* hal_info(void);

/* Ends the run with EXIT_CHIP if the info block is not one, or of another version. Called before main. */
void hal_check_info(void);

#endif
