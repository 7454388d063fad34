/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How one matrix product is cut. C is worked on in blocks; within a block, k is cut into slices; within a slice, one
 * operand stays in the scratchpad while tiles of the other one stream past it:
 *
 *     for each block of C, for each slice of k:
 *         for each tile of the streamed operand, for each tile of the one that stays:
 *             C[tile] += A[tile] B[tile]
 *
 * If k is not cut, a tile of C is finished and leaves as soon as it is computed, and a block reaches all along the
 * streamed operand. If it is, all tiles of a block stay in the scratchpad until the last slice.
 */
#ifndef GRADUS_FIRMWARE_KERNELS_MATMUL_PLAN_H
#define GRADUS_FIRMWARE_KERNELS_MATMUL_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#define MATMUL_STAYING 4u          /* tiles of the operand that stays, at most */
#define MATMUL_STREAMED 4u         /* tiles of the other one, at most */
#define MATMUL_COMMAND_CYCLES 128u /* of the hart, a descriptor */
#define MATMUL_SUMS 16u            /* tiles of a block whose k is cut, at most */

struct matmul_shape {
    uint32_t m, n, k;
    uint32_t format;                 /* FORMAT_* of A and B in the scratchpad */
    bool a_transposed, b_transposed; /* in DRAM */
    bool repeated;                   /* several products: buffers are doubled even if one tile is a whole product */
    bool accumulate;                 /* C is loaded too */
    uint32_t beside;                 /* tensors of C's shape that are loaded or stored with it, for the vector unit */
};

struct matmul_plan {
    uint32_t m, n, k;                               /* of a tile */
    uint32_t block_m, block_n;                      /* of a block of C */
    bool a_stays;                                   /* else B does */
    uint32_t a_tiles, b_tiles, c_tiles, bias_tiles; /* room for so many in the scratchpad */
    uint32_t beside_tiles;                          /* of C's size */
};

/*
 * The cut with the least estimated time, out of halvings of the shape rounded to the array, that fits `room` bytes.
 * m = 0: nothing fits. Plans of recent shapes are remembered.
 *
 * The estimate: the largest of the array's time, that of the vector unit for what goes with C, DRAM traffic at 15/16
 * of the bandwidth that the info block promises, and the hart's for descriptors; plus the first loads and the last
 * store, which overlap nothing. A command takes the array its folds (ip/engine/matrix_folds.h), or as long as its
 * operands and sums take through the array's port (ip/engine/matrix_core.h says how often each crosses it), and what
 * it cannot overlap: the way into and out of the array, and its last results. In DRAM, a row of a tile that is not a
 * whole row of its tensor costs as much as 256 bytes more: rows of the DRAM are opened for little.
 */
const struct matmul_plan* matmul_plan(const struct matmul_shape* shape, uint32_t room);

/* What the estimate takes for a command on tiles [m, k] and [k, n] of fp32. */
uint64_t matmul_command_cycles(uint32_t m, uint32_t n, uint32_t k);

#endif
