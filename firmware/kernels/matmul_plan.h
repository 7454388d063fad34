/* SPDX-License-Identifier: Apache-2.0 */
/* How one matrix product is cut into tiles. */
#ifndef GRADUS_FIRMWARE_KERNELS_MATMUL_PLAN_H
#define GRADUS_FIRMWARE_KERNELS_MATMUL_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct matmul_shape {
    uint32_t m, n, k;
    uint32_t format; /* FORMAT_* of A and B in the scratchpad */
    bool repeated;   /* several products: buffers are doubled even if one tile is a whole product */
    bool accumulate; /* C is loaded too */
};

struct matmul_plan {
    uint32_t m, n, k;   /* of a tile */
    bool columns_outer; /* walk along m for each tile of columns of C, so that a panel of B stays; else a panel of A
                           stays */
    uint8_t a_sets, b_sets, c_sets;
};

/*
 * The tiles with the least estimated time, out of halvings of the shape rounded to the array, that fit `room` bytes.
 * m = 0: nothing fits. Plans of recent shapes are remembered.
 *
 * The estimate: the largest of array cycles (an output-stationary array of R x C takes k + R + C cycles a tile of R x C
 * results), DRAM traffic at (R + C) / 2 bytes a cycle, what a chip in balance would have, and the hart's cycles for
 * descriptors; plus the first loads and the last store, which overlap nothing.
 */
const struct matmul_plan* matmul_plan(const struct matmul_shape* shape, uint32_t room);

#endif
