/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programming interface of the vector unit. Elements are fp32 and indices are uint32. All operands lie in the
 * scratchpad. A command works on a tile [rows, cols]. Unless the opcode says otherwise, `dst` and `a` are [rows, cols].
 * A pitch is the number of bytes from row to row, a multiple of 4. A source with a pitch of 0 repeats one row. s0 to s5
 * are scalar[0] to scalar[5]. dst may equal a source exactly (same address and same pitch). If dst overlaps a source in
 * part, the result is not defined.
 *
 * Example: VECTOR_AFFINE with rows = 2, cols = 3, s0 = 2 and s1 = 1 turns the elements 1 2 3 / 4 5 6 of `a` into
 * 3 5 7 / 9 11 13. Without gaps, a_pitch and dst_pitch are 12.
 */
#ifndef GRADUS_IP_ENGINE_VECTOR_COMMAND_H
#define GRADUS_IP_ENGINE_VECTOR_COMMAND_H

#include "ip/common/command.h"

/* Two sources: dst = a op b. b follows vector_body.b_mode. */
#define VECTOR_ADD 1u
#define VECTOR_SUB 2u
#define VECTOR_MUL 3u
#define VECTOR_MAX 4u
#define VECTOR_BLEND 5u /* a * s0 + b * s1 */

/* One source. */
#define VECTOR_AFFINE 8u /* a * s0 + s1 */
#define VECTOR_EXP 9u
#define VECTOR_LOG 10u
#define VECTOR_RECIPROCAL 11u
#define VECTOR_RSQRT 12u
#define VECTOR_RELU 13u
#define VECTOR_GELU 14u        /* tanh form: 0.5 a (1 + tanh(sqrt(2/pi) (a + 0.044715 a^3))) */
#define VECTOR_SILU 15u        /* a / (1 + exp(-a)) */
#define VECTOR_CAUSAL_MASK 16u /* c <= (r mod mask_period) ? a : s0; mask_period in vector_body.index_limit */
#define VECTOR_WINDOW_MASK 17u /* is (r, c) seen? a : value, see vector_body.u.window */
#define VECTOR_GELU_ERF 18u    /* 0.5 a (1 + erf(a / sqrt(2))) */

/* Derivatives of activations: a is the activation's input, b the gradient of its output. */
#define VECTOR_RELU_BACKWARD 20u
#define VECTOR_GELU_BACKWARD 21u
#define VECTOR_SILU_BACKWARD 22u
#define VECTOR_GELU_ERF_BACKWARD 23u

/* Reductions. dst is [rows] (4 bytes apart) for rows, [cols] for columns. */
#define VECTOR_ROW_SUM 24u
#define VECTOR_ROW_MAX 25u
#define VECTOR_ROW_DOT 26u    /* dst[r] = sum over c of a[r, c] b[r, c] */
#define VECTOR_COLUMN_SUM 27u /* dst[c] = sum over r of a[r, c] */

/* Indexed by row: index[r] at address c, uint32_t, below index_limit. */
#define VECTOR_PICK 30u             /* dst[r] = a[r, index[r]]; dst is [rows] */
#define VECTOR_SUBTRACT_ONE_HOT 31u /* dst[r, c] = a[r, c] - (c == index[r] ? 1 : 0) */

/*
 * Adam with decoupled weight decay, in place. dst is the parameter p, a the gradient g, b the first moment m and c the
 * second moment v. All four are [rows, cols] without gaps (pitch = 4 cols). t is the number of the step, from 1 on.
 *
 *     m = s0 m + (1 - s0) g
 *     v = s1 v + (1 - s1) g^2
 *     p = p - s5 p - s3 m / (sqrt(v s4) + s2)
 *
 *     s0 = beta1        s3 = lr / (1 - beta1^t)
 *     s1 = beta2        s4 = 1 / (1 - beta2^t)
 *     s2 = epsilon      s5 = lr * decay
 *
 * Source: Kingma and Ba, Adam, 2015, algorithm 1; Loshchilov and Hutter, 2019, algorithm 2.
 */
#define VECTOR_ADAM 40u

/*
 * Fused commands: they work on whole rows and keep the steps in between out of the scratchpad. A unit may lack them,
 * see INFO_VECTOR_* in the info block. They give, bit for bit, what the commands above give one after the other.
 *
 * SOFTMAX, with max and sum over each row:
 *
 *     x[r, c] = a[r, c] * scale     (a[r, c] itself if scale is 1)
 *     x[r, c] = VECTOR_SOFTMAX_HIDDEN     if period is not 0 and c > (first_row + r) mod period
 *     dst = exp(x - max) * (1 / sum of exp(x - max))
 *
 * WINDOW_SOFTMAX is the same, where x is hidden that is not seen, see vector_body.u.window.
 *
 * RMSNORM, with rstd as [rows] at address c:
 *
 *     rstd[r] = 1 / sqrt(s0 * sum over c of a[r, c]^2 + s1)
 *     dst[r, c] = a[r, c] * rstd[r]
 */
#define VECTOR_SOFTMAX 44u
#define VECTOR_RMSNORM 45u
#define VECTOR_WINDOW_SOFTMAX 46u
#define VECTOR_SOFTMAX_HIDDEN (-1e30f)

/*
 * Two commands that a softmax by columns takes, for which a unit needs no tree over its lanes; it may lack them, too.
 * The second one passes over a tile once instead of three times. Its b is one row [cols], with a b_pitch of 0 and
 * VECTOR_B_FULL, and its sums go to [cols] at address c:
 *
 *     COLUMN_MAX   dst[c] = max over r of a[r, c]
 *     COLUMN_EXP   dst[r, c] = exp(a[r, c] - b[c]);  c[c] = sum over r of dst[r, c]
 *
 * COLUMN_EXP gives, bit for bit, what VECTOR_SUB, VECTOR_EXP and VECTOR_COLUMN_SUM give one after the other.
 */
#define VECTOR_COLUMN_MAX 47u
#define VECTOR_COLUMN_EXP 48u

/* vector_body.b_mode */
#define VECTOR_B_FULL 0u   /* b is [rows, cols] with b_pitch (0: one row for all) */
#define VECTOR_B_COLUMN 1u /* b is [rows], one value a row, 4 bytes apart */

struct vector_body {
    uint64_t dst;
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint32_t rows; /* 1 or more */
    uint32_t cols; /* 1 or more */
    uint32_t dst_pitch;
    uint32_t a_pitch;
    uint32_t b_pitch;
    uint16_t b_mode;
    uint16_t reserved; /* must be zero */
    union {
        float scalar[6];
        struct {
            float mask_value;     /* s0 */
            uint32_t index_limit; /* mask_period, or the bound of indices */
        } indexed;
        struct {
            float scale;
            uint32_t period; /* 0: nothing is hidden */
            uint32_t first_row;
        } softmax;
        /*
         * WINDOW_MASK and WINDOW_SOFTMAX. With p = (first_row + r) mod period, (r, c) is seen if
         * p - window < first_col + c <= p.
         */
        struct {
            float value;     /* what replaces the others; of a softmax: the scale */
            uint32_t period; /* 1 or more */
            uint32_t window; /* 1 or more */
            uint32_t first_row;
            uint32_t first_col;
        } window;
    } u;
};

#endif
