/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the matrix unit and the vector unit on tiles. Opcodes: ip/engine/matrix_command.h, vector_command.h. */
#ifndef GRADUS_FIRMWARE_RUNTIME_COMPUTE_H
#define GRADUS_FIRMWARE_RUNTIME_COMPUTE_H

#include "firmware/runtime/tile.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/vector_command.h"

/* Scalar `index` of the vector command that was submitted last is *source in every step. */
void vector_scalar_follows(uint32_t index, const float* source);

/* c[m, n] = op(a) op(b), `mode` is MATRIX_*; `bias` may be null without MATRIX_BIAS. */
void matrix_multiply(const struct tile* c, const struct tile* a, const struct tile* b, const struct tile* bias,
                     uint32_t m, uint32_t n, uint32_t k, uint32_t mode);

/* One source and up to two scalars, as the opcode says; row and column sums and maxima too. */
void vector_unary(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float s0,
                  float s1);

/* Two sources of the same shape (b may repeat one row). */
void vector_binary(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a,
                   const struct tile* b);

/* dst = a s0 + b s1 */
void vector_blend(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float s0,
                  const struct tile* b, float s1);

/* b is [rows]: one value a row. */
void vector_by_row(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a,
                   const struct tile* b);

/* dst = c <= (r mod period) ? a : value */
void vector_causal_mask(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float value,
                        uint32_t period);

/* Element (r, c) is seen if p - size < first_col + c <= p, with p = (first_row + r) mod period. */
struct window {
    uint32_t period, size, first_row, first_col;
};
/* dst = seen ? a : value */
void vector_window_mask(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float value,
                        const struct window* window);

/* VECTOR_PICK and VECTOR_SUBTRACT_ONE_HOT; `index` is uint32 [rows], below `limit`. */
void vector_indexed(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a,
                    const struct tile* index, uint32_t limit);

/*
 * Fused commands, where runtime.vector_features has them. `period` 0: nothing is hidden; first_row is where row 0
 * stands in its period. rstd is [rows].
 */
void vector_softmax(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float scale,
                    uint32_t period, uint32_t first_row);
void vector_window_softmax(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float scale,
                           const struct window* window);
void vector_rmsnorm(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, const struct tile* rstd,
                    float inverse, float epsilon);

/* dst = exp(a - below), and the sums of its columns; `below` and `sums` are [cols]. Where INFO_VECTOR_COLUMNS is. */
void vector_column_exp(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a,
                       const struct tile* below, const struct tile* sums);

/* VECTOR_ADAM on `count` elements: its first three scalars; the others are those of each step. */
void vector_adam(uint32_t count, const struct tile* parameter, const struct tile* gradient, const struct tile* first,
                 const struct tile* second, const float scalar[3]);

#endif
