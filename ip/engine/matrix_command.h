/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programming interface of the matrix unit. One command computes
 *
 *     C[m, n] = op(A)[m, k] * op(B)[k, n]  (+ bias[n])  (+ C[m, n])
 *
 * The unit sums products in fp32. All operands lie in the scratchpad. The elements of a row are contiguous. Rows are
 * `pitch` bytes apart, and a pitch is a multiple of the element.
 *
 * Example: m = 16, n = 8, k = 12, all in fp32 and without gaps. A is 16 rows of 48 bytes (a_pitch = 48), B is 12 rows
 * of 32 bytes (b_pitch = 32), and C is 16 rows of 32 bytes (c_pitch = 32).
 */
#ifndef GRADUS_IP_ENGINE_MATRIX_COMMAND_H
#define GRADUS_IP_ENGINE_MATRIX_COMMAND_H

#include "ip/common/command.h"

#define MATRIX_MULTIPLY 1u

/* matrix_body.mode */
#define MATRIX_TRANSPOSE_A 0x01u /* A is stored [k, m] */
#define MATRIX_TRANSPOSE_B 0x02u /* B is stored [n, k] */
#define MATRIX_ACCUMULATE 0x04u  /* C's old values are added; C must be fp32 */
#define MATRIX_BIAS 0x08u        /* bias[n], fp32, is added */

struct matrix_body {
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint64_t bias;
    uint32_t m; /* m, n and k are 1 or more */
    uint32_t n;
    uint32_t k;
    uint32_t a_pitch; /* bytes */
    uint32_t b_pitch;
    uint32_t c_pitch;
    uint8_t a_format; /* FORMAT_* */
    uint8_t b_format;
    uint8_t c_format;
    uint8_t mode;
    uint8_t reserved[20]; /* must be zero */
};

#endif
