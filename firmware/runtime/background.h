/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The optimizer's updates, a slice at a time, in the midst of the operators of the backward pass: an update is bound by
 * the DRAM, which is idle for much of a product's time. Slices have a DMA channel and a part of the scratchpad of their
 * own (runtime_begin_slice), so that others wait for them in the vector unit's queue alone; there they stand no sooner
 * than the next slice has been loaded.
 *
 * An update may begin once the operators that it waits for have been submitted, so those of the last layers come first.
 * What is left of them when their turn comes is done as any operator is. Element by element the results are the same.
 *
 *     background_open(get, op_count, memory);     once
 *     background_begin_step();
 *     runtime_begin_op(op, ...); background_run_op(op); runtime_end_op();     for each operator
 */
#ifndef GRADUS_FIRMWARE_RUNTIME_BACKGROUND_H
#define GRADUS_FIRMWARE_RUNTIME_BACKGROUND_H

#include <stdint.h>

#include "firmware/include/schedule_image.h"

/* Of an operator; and which operator comes how many-th in the order in which updates may begin. */
struct background_op {
    uint64_t done; /* elements */
    uint32_t number;
    uint32_t ready; /* the operator after which that one may begin */
};

/*
 * Looks for updates that may begin before the first one's turn, and for a channel and room for them; without them all
 * stays as it is. `memory` has room for op_count; get(number) stays good.
 */
void background_open(const struct image_op* (*get)(uint32_t number), uint32_t op_count, struct background_op* memory);

/* Before the first operator of a step of training. */
void background_begin_step(void);

/* In place of kernel_run() for the operator that begins: leaves out what slices have done. */
void background_run_op(const struct image_op* op);

/*
 * While runtime.has_background: work of so many cycles of the array has been submitted. What the operator has not moved
 * of what the memory moves in that time is for slices.
 */
void background_work(uint64_t cycles);

#endif
