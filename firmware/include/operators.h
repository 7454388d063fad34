/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every operator of a schedule image, one row each:
 *
 *     ROW(ID, name, number, operands, flags, accumulates)
 *
 *   ID           OP_<ID> is its kind in an image
 *   name         platform/schedule/ops says what it computes, kernel_<name>() in firmware/kernels how
 *   number       stays as it is for good
 *   operands     that a record has room for; what is left out has no address
 *   flags        OP_FLAG_* that may be set
 *   accumulates  bit i: operand i may be added to (OPERAND_ACCUMULATE)
 *
 * The firmware refuses whatever a row does not name.
 */
#ifndef GRADUS_FIRMWARE_OPERATORS_H
#define GRADUS_FIRMWARE_OPERATORS_H

#include <stdint.h>

#define OPERATORS(ROW)                                                                                                 \
    ROW(EMBED, embed, 1, 4, 0, 0)                                                                                      \
    ROW(EMBED_BACKWARD, embed_backward, 2, 4, 0, 1u << 0 | 1u << 1)                                                    \
    ROW(RMSNORM, rmsnorm, 3, 4, 0, 0)                                                                                  \
    ROW(RMSNORM_BACKWARD, rmsnorm_backward, 4, 6, 0, 1u << 0 | 1u << 5)                                                \
    ROW(MATMUL, matmul, 5, 4, OP_FLAG_TRANSPOSE_A | OP_FLAG_TRANSPOSE_B | OP_FLAG_BF16, 1u << 0)                       \
    ROW(SOFTMAX, softmax, 6, 2, OP_FLAG_CAUSAL, 0)                                                                     \
    ROW(SOFTMAX_BACKWARD, softmax_backward, 7, 3, 0, 1u << 0)                                                          \
    ROW(ADD, add, 8, 3, 0, 1u << 0)                                                                                    \
    ROW(ACTIVATION, activation, 9, 2, 0, 0)                                                                            \
    ROW(ACTIVATION_BACKWARD, activation_backward, 10, 3, 0, 1u << 0)                                                   \
    ROW(CROSS_ENTROPY, cross_entropy, 11, 5, 0, 0)                                                                     \
    ROW(CROSS_ENTROPY_BACKWARD, cross_entropy_backward, 12, 4, 0, 1u << 0)                                             \
    ROW(ADAM, adam, 13, 4, 0, 0)                                                                                       \
    ROW(COLUMN_SUM, column_sum, 14, 2, 0, 1u << 0)                                                                     \
    ROW(LAYERNORM, layernorm, 15, 6, 0, 0)                                                                             \
    ROW(COPY, copy, 16, 2, 0, 0)                                                                                       \
    ROW(LAYERNORM_BACKWARD, layernorm_backward, 17, 8, 0, 1u << 0 | 1u << 6 | 1u << 7)                                 \
    ROW(SGD, sgd, 18, 3, 0, 0)                                                                                         \
    ROW(MUL, mul, 19, 3, 0, 1u << 0)                                                                                   \
    ROW(ROPE, rope, 20, 3, OP_FLAG_INVERSE, 0)                                                                         \
    ROW(REPEAT, repeat, 21, 2, 0, 0)                                                                                   \
    ROW(REPEAT_BACKWARD, repeat_backward, 22, 2, 0, 0)                                                                 \
    ROW(SOFTCAP, softcap, 23, 2, 0, 0)                                                                                 \
    ROW(SOFTCAP_BACKWARD, softcap_backward, 24, 3, 0, 1u << 0)                                                         \
    ROW(ATTENTION, attention, 28, 5, OP_FLAG_CAUSAL | OP_FLAG_BF16, 0)                                                 \
    ROW(ATTENTION_BACKWARD, attention_backward, 29, 9, OP_FLAG_CAUSAL | OP_FLAG_BF16, 0)                               \
    ROW(HEAD_LOSS, head_loss, 30, 6, OP_FLAG_BF16, 0)                                                                  \
    ROW(HEAD_LOSS_BACKWARD, head_loss_backward, 31, 7, OP_FLAG_BF16, 1u << 1)                                          \
    ROW(AFFINE, affine, 32, 2, 0, 1u << 0)                                                                             \
    ROW(WINDOW_SOFTMAX, window_softmax, 33, 2, 0, 0)                                                                   \
    ROW(PREPEND, prepend, 34, 4, 0, 0)                                                                                 \
    ROW(PREPEND_BACKWARD, prepend_backward, 35, 4, 0, 0)                                                               \
    ROW(FIRST_ROWS, first_rows, 36, 2, 0, 0)                                                                           \
    ROW(FIRST_ROWS_BACKWARD, first_rows_backward, 37, 2, 0, 0)                                                         \
    ROW(CLIP, clip, 38, 2, 0, 0)                                                                                       \
    ROW(SQUARE_SUM, square_sum, 39, 2, 0, 1u << 0)                                                                     \
    ROW(SGD_MIXED, sgd_mixed, 40, 5, 0, 0)                                                                             \
    ROW(ADAM_MIXED, adam_mixed, 41, 6, 0, 0)                                                                           \
    ROW(MATMUL_FUSED, matmul_fused, 46, 7, OP_FLAG_TRANSPOSE_A | OP_FLAG_TRANSPOSE_B | OP_FLAG_BF16, 0)

enum operator_kind {
#define OPERATOR_KIND(ID, name, number, operands, flags, accumulates) OP_##ID = (number),
    OPERATORS(OPERATOR_KIND)
#undef OPERATOR_KIND
        OP_KINDS = 48 /* above every number */
};

/* 0: there is no such operator. */
static inline uint8_t operator_operands(uint32_t kind) {
    switch (kind) {
#define OPERATOR_OPERANDS(ID, name, number, operands, flags, accumulates)                                              \
    case number:                                                                                                       \
        return operands;
        OPERATORS(OPERATOR_OPERANDS)
#undef OPERATOR_OPERANDS
    default:
        return 0;
    }
}

/* image_op.flags */
#define OP_FLAG_TRANSPOSE_A 0x01u
#define OP_FLAG_TRANSPOSE_B 0x02u
/* softmax: row r sees columns up to r mod dims[2]; attention: no query sees a key behind it */
#define OP_FLAG_CAUSAL 0x04u
/* operands are converted to bf16 on their way into the scratchpad; of attention, keys and values */
#define OP_FLAG_BF16 0x08u
/* rope: turned back */
#define OP_FLAG_INVERSE 0x10u

/* image_operand.flags: what is computed is added to what lies there, instead of overwriting it */
#define OPERAND_ACCUMULATE 0x01u

/* dims[2] of an activation and of its gradient, dims[3] of a fused product */
#define ACTIVATION_RELU 0u
#define ACTIVATION_GELU 1u
#define ACTIVATION_SILU 2u
#define ACTIVATION_RELU_SQUARED 3u
#define ACTIVATION_GELU_ERF 4u

#endif
