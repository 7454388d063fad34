/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/hal/memory.h"

#include "firmware/hal/fail.h"
#include "firmware/hal/info.h"

extern char __heap_start[]; /* link.ld */

static uint64_t used;

uint64_t memory_left(void) {
    const struct info_block* info = hal_info();
    const uint64_t end = info->sram_base + info->sram_bytes;
    const uint64_t start = (uint64_t)__heap_start + used;
    return end > start ? end - start : 0;
}

void* memory_allocate(uint64_t bytes, uint64_t alignment) {
    bytes = (bytes + sizeof(uint64_t) - 1) & -sizeof(uint64_t);
    if (alignment < sizeof(uint64_t)) alignment = sizeof(uint64_t);
    const uint64_t start = (uint64_t)__heap_start + used;
    const uint64_t padding = -start & (alignment - 1);
    const uint64_t left = memory_left();
    if (padding > left || bytes > left - padding)
        hal_fail(EXIT_MEMORY, "SRAM is too small: %lu bytes wanted, %lu left", (unsigned long)bytes,
                 (unsigned long)left);
    used += padding + bytes;
    /* By words: the C library's memset goes by bytes. */
    uint64_t* const words = (uint64_t*)(start + padding);
    for (uint64_t i = 0; i < bytes / sizeof *words; ++i)
        words[i] = 0;
    return words;
}
