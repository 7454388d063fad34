/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function an operator of firmware/include/operators.h: tile loops that work for any shape on any chip (blocks.h).
 * A kernel takes tiles from the arena and submits commands; it never waits. Two rules keep the runtime's bookkeeping
 * right:
 *   - whatever a kernel loads or computes ends up in one of its stores (so its stores retired means that it retired);
 *   - control flow never depends on data, only on shapes.
 * Tiles are taken first, with no more than a few loads between them: on the host, to find out whether they fit, a
 * kernel is run no further (platform/planning).
 */
#ifndef GRADUS_FIRMWARE_KERNELS_KERNELS_H
#define GRADUS_FIRMWARE_KERNELS_KERNELS_H

#include "firmware/include/schedule_image.h"

#define KERNEL_DECLARATION(ID, name, number, operands, flags, accumulates)                                             \
    void kernel_##name(const struct image_op* op);
OPERATORS(KERNEL_DECLARATION)
#undef KERNEL_DECLARATION

/*
 * Ends the run with EXIT_IMAGE unless there is a kernel for op->kind that takes it as it is: its operands, which lie in
 * the record's `bytes`, and all of its flags. What it waits for must come before it.
 */
void kernel_check(const struct image_op* op, uint32_t number, uint32_t bytes);

/* Runs the kernel of an operator that kernel_check() has let pass. */
void kernel_run(const struct image_op* op);

#endif
