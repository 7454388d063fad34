/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programming interface of the matrix unit.
 * C[m, n] = op(A)[m, k] * op(B)[k, n]  (+ bias[n])  (+ C[m, n]); products are summed in fp32.
 * All operands live in the scratchpad; rows are contiguous, `pitch` bytes apart, pitch a multiple of the element.
 */
#ifndef GRADUS_IP_ENGINE_MATRIX_COMMAND_H
#define GRADUS_IP_ENGINE_MATRIX_COMMAND_H

#include "ip/common/command.h"

#define MATRIX_MULTIPLY 1u

/* matrix_body.mode */
#define MATRIX_TRANSPOSE_A 0x01u /* A is stored [k, m] */
#define MATRIX_TRANSPOSE_B 0x02u /* B is stored [n, k] */
#define MATRIX_ACCUMULATE 0x04u  /* add to what C holds; C must be fp32 */
#define MATRIX_BIAS 0x08u        /* add bias[n], fp32 */

struct matrix_body {
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint64_t bias;
    uint32_t m; /* 1 or more, as n and k */
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
