/* SPDX-License-Identifier: Apache-2.0 */
/* The hart's SRAM behind the program: handed out, never given back. Its end is known at run time only. */
#ifndef GRADUS_FIRMWARE_HAL_MEMORY_H
#define GRADUS_FIRMWARE_HAL_MEMORY_H

#include <stdint.h>

/* Zeroed; `alignment` is a power of two. Ends the run with EXIT_MEMORY if there is not enough. */
void* memory_allocate(uint64_t bytes, uint64_t alignment);

uint64_t memory_left(void); /* bytes */

#endif
