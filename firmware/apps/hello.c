/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest application: says what chip it runs on. */
#include <stdio.h>

#include "firmware/hal/exit_codes.h"
#include "firmware/hal/info.h"

static const char* queue_kind(uint32_t kind) {
    static const char* const names[] = {"unknown", "DMA channel", "matrix unit", "vector unit"};
    return kind <= INFO_QUEUE_VECTOR ? names[kind] : names[0];
}

int main(void) {
    const struct info_block* info = hal_info();
    printf("hello from the hart\n");
    printf("clock       %lu kHz\n", (unsigned long)(info->clock_hz / 1000));
    printf("SRAM        %lu KiB at 0x%lx\n", (unsigned long)(info->sram_bytes >> 10), (unsigned long)info->sram_base);
    printf("scratchpad  %lu KiB at 0x%lx\n", (unsigned long)(info->scratchpad_bytes >> 10),
           (unsigned long)info->scratchpad_base);
    printf("DRAM        %lu MiB at 0x%lx\n", (unsigned long)(info->dram_bytes >> 20), (unsigned long)info->dram_base);
    printf("matrix unit %u x %u, fp32%s\n", info->matrix_rows, info->matrix_cols,
           info->matrix_formats & INFO_FORMAT_BF16 ? ", bf16" : "");
    printf("vector unit %u lanes\n", info->vector_lanes);
    for (unsigned i = 0; i < info->queue_count; ++i)
        printf("queue %-2u    %s, registers 0x%lx, interrupt %u\n", i, queue_kind(info->queue[i].kind),
               (unsigned long)info->queue[i].registers, info->queue[i].interrupt);
    return EXIT_DONE;
}
