/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image's table of operators, brought from DRAM to SRAM by the DMA: all of it if there is room, else in windows,
 * the next of which is fetched while the hart walks the current one.
 */
#ifndef GRADUS_FIRMWARE_RUNTIME_OP_TABLE_H
#define GRADUS_FIRMWARE_RUNTIME_OP_TABLE_H

#include <stdbool.h>

#include "firmware/include/schedule_image.h"

/*
 * `address` is its place in DRAM, a record takes `op_bytes`. Takes SRAM for windows: up to half of what is left. After
 * runtime_init().
 */
void op_table_open(uint64_t address, uint32_t op_count, uint32_t op_bytes);

/* Whether there is room for all: then a pointer stays good. */
bool op_table_is_whole(void);

/* All queues count from 0 again, and have retired what they were given (recording.h). */
void op_table_rewound(void);

/* Sleeps until the operator is there, checked (kernel_check). The pointer is good until the next call. */
const struct image_op* op_table_get(uint32_t number);

#endif
