/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/compute.h"

#include <stddef.h>

void matrix_multiply(const struct tile *c, const struct tile *a, const struct tile *b, const struct tile *bias, uint32_t m,
                     uint32_t n, uint32_t k, uint32_t mode)
{
    const uint32_t queue = runtime.matrix_queue;
    command_begin(queue);
    command_reads(a->hazard);
    command_reads(b->hazard);
    command_writes(c->hazard);
    if (bias) command_reads(bias->hazard);
    struct matrix_body *body = (struct matrix_body *)command_place(MATRIX_MULTIPLY)->body;
    body->a = a->address;
    body->b = b->address;
    body->c = c->address;
    body->bias = bias ? bias->address : 0;
    body->m = m;
    body->n = n;
    body->k = k;
    body->a_pitch = a->pitch;
    body->b_pitch = b->pitch;
    body->c_pitch = c->pitch;
    body->a_format = (uint8_t)a->format;
    body->b_format = (uint8_t)b->format;
    body->c_format = (uint8_t)c->format;
    body->mode = (uint8_t)(bias ? mode | MATRIX_BIAS : mode);
    const uint32_t count = queue_submit(queue);
    hazard_read(a->hazard, queue, count);
    hazard_read(b->hazard, queue, count);
    if (bias) hazard_read(bias->hazard, queue, count);
    hazard_written(c->hazard, queue, count);
}

static inline struct vector_body *vector_place(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile *dst,
                                               const struct tile *a, const struct tile *b)
{
    command_begin(runtime.vector_queue);
    command_reads(a->hazard);
    if (b) command_reads(b->hazard);
    command_writes(dst->hazard);
    struct vector_body *body = (struct vector_body *)command_place(opcode)->body;
    body->dst = dst->address;
    body->a = a->address;
    body->b = b ? b->address : 0;
    body->c = 0;
    body->rows = rows;
    body->cols = cols;
    body->dst_pitch = dst->pitch;
    body->a_pitch = a->pitch;
    body->b_pitch = b ? b->pitch : 0;
    body->b_mode = VECTOR_B_FULL;
    return body;
}

static inline void vector_submit(const struct tile *dst, const struct tile *a, const struct tile *b)
{
    const uint32_t queue = runtime.vector_queue;
    const uint32_t count = queue_submit(queue);
    hazard_read(a->hazard, queue, count);
    if (b) hazard_read(b->hazard, queue, count);
    hazard_written(dst->hazard, queue, count);
}

void vector_unary(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile *dst, const struct tile *a, float s0,
                  float s1)
{
    struct vector_body *body = vector_place(opcode, rows, cols, dst, a, NULL);
    body->u.scalar[0] = s0;
    body->u.scalar[1] = s1;
    vector_submit(dst, a, NULL);
}

void vector_binary(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile *dst, const struct tile *a,
                   const struct tile *b)
{
    vector_place(opcode, rows, cols, dst, a, b);
    vector_submit(dst, a, b);
}

void vector_by_row(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile *dst, const struct tile *a,
                   const struct tile *b)
{
    vector_place(opcode, rows, cols, dst, a, b)->b_mode = VECTOR_B_COLUMN;
    vector_submit(dst, a, b);
}

void vector_causal_mask(uint32_t rows, uint32_t cols, const struct tile *dst, const struct tile *a, float value,
                        uint32_t period)
{
    struct vector_body *body = vector_place(VECTOR_CAUSAL_MASK, rows, cols, dst, a, NULL);
    body->u.indexed.mask_value = value;
    body->u.indexed.index_limit = period;
    vector_submit(dst, a, NULL);
}

void vector_indexed(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile *dst, const struct tile *a,
                    const struct tile *index, uint32_t limit)
{
    /* The index stands in `c`, but counts as a second source all the same. */
    struct vector_body *body = vector_place(opcode, rows, cols, dst, a, index);
    body->b = 0;
    body->b_pitch = 0;
    body->c = index->address;
    body->u.indexed.mask_value = 0;
    body->u.indexed.index_limit = limit;
    vector_submit(dst, a, index);
}

void vector_adam(uint32_t count, const struct tile *parameter, const struct tile *gradient, const struct tile *first,
                 const struct tile *second, const float scalar[6])
{
    const uint32_t queue = runtime.vector_queue;
    command_begin(queue);
    command_writes(parameter->hazard);
    command_reads(gradient->hazard);
    command_writes(first->hazard);
    command_writes(second->hazard);
    struct vector_body *body = (struct vector_body *)command_place(VECTOR_ADAM)->body;
    body->dst = parameter->address;
    body->a = gradient->address;
    body->b = first->address;
    body->c = second->address;
    body->rows = 1;
    body->cols = count;
    body->dst_pitch = body->a_pitch = body->b_pitch = count * 4;
    body->b_mode = VECTOR_B_FULL;
    for (unsigned i = 0; i < 6; ++i) body->u.scalar[i] = scalar[i];
    const uint32_t number = queue_submit(queue);
    hazard_read(gradient->hazard, queue, number);
    hazard_written(parameter->hazard, queue, number);
    hazard_written(first->hazard, queue, number);
    hazard_written(second->hazard, queue, number);
}
