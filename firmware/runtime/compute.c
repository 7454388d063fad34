/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/runtime/compute.h"

#include <stddef.h>

#include "firmware/runtime/background.h"
#include "firmware/runtime/recording.h"

/* What may stand in the second word of a vector command's scalars. */
union scalar {
    float value;
    uint32_t word;
};

void matrix_multiply(const struct tile* c, const struct tile* a, const struct tile* b, const struct tile* bias,
                     uint32_t m, uint32_t n, uint32_t k, uint32_t mode) {
    struct issue issue = command_begin(runtime.matrix_queue);
    command_reads(&issue, a->hazard);
    command_reads(&issue, b->hazard);
    command_writes(&issue, c->hazard);
    if (bias) command_reads(&issue, bias->hazard);
    struct matrix_body* body = command_place(&issue, MATRIX_MULTIPLY);
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
    const uint32_t count = command_submit(&issue);
    hazard_read(a->hazard, issue.queue, count);
    hazard_read(b->hazard, issue.queue, count);
    if (bias) hazard_read(bias->hazard, issue.queue, count);
    hazard_written(c->hazard, issue.queue, count);
    if (runtime.has_background)
        background_work((uint64_t)m * n * k / ((uint64_t)runtime.matrix_rows * runtime.matrix_cols));
}

/* All vector commands but Adam's; always inline, so that each gets code of its own. */
static inline __attribute__((always_inline)) void vector_command(uint32_t opcode, uint32_t rows, uint32_t cols,
                                                                 const struct tile* dst, const struct tile* a,
                                                                 const struct tile* b, const struct tile* index,
                                                                 uint32_t b_mode, float s0, union scalar s1) {
    struct issue issue = command_begin(runtime.vector_queue);
    command_reads(&issue, a->hazard);
    if (b) command_reads(&issue, b->hazard);
    if (index) command_reads(&issue, index->hazard);
    command_writes(&issue, dst->hazard);
    struct vector_body* body = command_place(&issue, opcode);
    body->dst = dst->address;
    body->a = a->address;
    body->b = b ? b->address : 0;
    body->c = index ? index->address : 0;
    body->rows = rows;
    body->cols = cols;
    body->dst_pitch = dst->pitch;
    body->a_pitch = a->pitch;
    body->b_pitch = b ? b->pitch : 0;
    body->b_mode = (uint16_t)b_mode;
    body->u.scalar[0] = s0;
    body->u.indexed.index_limit = s1.word;
    const uint32_t count = command_submit(&issue);
    hazard_read(a->hazard, issue.queue, count);
    if (b) hazard_read(b->hazard, issue.queue, count);
    if (index) hazard_read(index->hazard, issue.queue, count);
    hazard_written(dst->hazard, issue.queue, count);
}

/* The code that rarer commands share: what they take in cycles of the hart is less than what they take of its SRAM. */
static __attribute__((noinline)) void rare_command(uint32_t opcode, uint32_t rows, uint32_t cols,
                                                   const struct tile* dst, const struct tile* a, const struct tile* b,
                                                   const struct tile* index, float s0, union scalar s1) {
    vector_command(opcode, rows, cols, dst, a, b, index, VECTOR_B_FULL, s0, s1);
}

void vector_unary(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float s0,
                  float s1) {
    vector_command(opcode, rows, cols, dst, a, NULL, NULL, VECTOR_B_FULL, s0, (union scalar){.value = s1});
}

void vector_binary(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a,
                   const struct tile* b) {
    vector_command(opcode, rows, cols, dst, a, b, NULL, VECTOR_B_FULL, 0, (union scalar){.word = 0});
}

void vector_blend(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float s0,
                  const struct tile* b, float s1) {
    rare_command(VECTOR_BLEND, rows, cols, dst, a, b, NULL, s0, (union scalar){.value = s1});
}

void vector_by_row(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a,
                   const struct tile* b) {
    vector_command(opcode, rows, cols, dst, a, b, NULL, VECTOR_B_COLUMN, 0, (union scalar){.word = 0});
}

void vector_causal_mask(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float value,
                        uint32_t period) {
    rare_command(VECTOR_CAUSAL_MASK, rows, cols, dst, a, NULL, NULL, value, (union scalar){.word = period});
}

/* What one source and one result have in common; the caller adds the rest. */
static struct vector_body* one_source(struct issue* issue, uint32_t opcode, uint32_t rows, uint32_t cols,
                                      const struct tile* dst, const struct tile* a) {
    struct vector_body* body = command_place(issue, opcode);
    body->dst = dst->address;
    body->a = a->address;
    body->b = 0;
    body->c = 0;
    body->rows = rows;
    body->cols = cols;
    body->dst_pitch = dst->pitch;
    body->a_pitch = a->pitch;
    body->b_pitch = 0;
    body->b_mode = VECTOR_B_FULL;
    return body;
}

static void window_fill(struct vector_body* body, float value, const struct window* window) {
    body->u.window.value = value;
    body->u.window.period = window->period;
    body->u.window.window = window->size;
    body->u.window.first_row = window->first_row;
    body->u.window.first_col = window->first_col;
}

static __attribute__((noinline)) void window_command(uint32_t opcode, uint32_t rows, uint32_t cols,
                                                     const struct tile* dst, const struct tile* a, float value,
                                                     const struct window* window) {
    struct issue issue = command_begin(runtime.vector_queue);
    command_reads(&issue, a->hazard);
    command_writes(&issue, dst->hazard);
    window_fill(one_source(&issue, opcode, rows, cols, dst, a), value, window);
    const uint32_t count = command_submit(&issue);
    hazard_read(a->hazard, issue.queue, count);
    hazard_written(dst->hazard, issue.queue, count);
}

void vector_window_mask(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float value,
                        const struct window* window) {
    window_command(VECTOR_WINDOW_MASK, rows, cols, dst, a, value, window);
}

void vector_indexed(uint32_t opcode, uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a,
                    const struct tile* index, uint32_t limit) {
    rare_command(opcode, rows, cols, dst, a, NULL, index, 0, (union scalar){.word = limit});
}

__attribute__((noinline)) void vector_scalar_follows(uint32_t index, const float* source) {
    const struct queue* queue = &queues[runtime.vector_queue];
    struct command* last = &queue->ring[(queue->submitted - 1) & (queue->entries - 1)];
    recording_scalar(runtime.vector_queue, &((struct vector_body*)last->body)->u.scalar[index], source);
}

void vector_softmax(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float scale,
                    uint32_t period, uint32_t first_row) {
    struct issue issue = command_begin(runtime.vector_queue);
    command_reads(&issue, a->hazard);
    command_writes(&issue, dst->hazard);
    struct vector_body* body = one_source(&issue, VECTOR_SOFTMAX, rows, cols, dst, a);
    body->u.softmax.scale = scale;
    body->u.softmax.period = period;
    body->u.softmax.first_row = first_row;
    const uint32_t count = command_submit(&issue);
    hazard_read(a->hazard, issue.queue, count);
    hazard_written(dst->hazard, issue.queue, count);
}

void vector_window_softmax(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, float scale,
                           const struct window* window) {
    window_command(VECTOR_WINDOW_SOFTMAX, rows, cols, dst, a, scale, window);
}

void vector_rmsnorm(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a, const struct tile* rstd,
                    float inverse, float epsilon) {
    struct issue issue = command_begin(runtime.vector_queue);
    command_reads(&issue, a->hazard);
    command_writes(&issue, dst->hazard);
    command_writes(&issue, rstd->hazard);
    struct vector_body* body = one_source(&issue, VECTOR_RMSNORM, rows, cols, dst, a);
    body->c = rstd->address;
    body->u.scalar[0] = inverse;
    body->u.scalar[1] = epsilon;
    const uint32_t count = command_submit(&issue);
    hazard_read(a->hazard, issue.queue, count);
    hazard_written(dst->hazard, issue.queue, count);
    hazard_written(rstd->hazard, issue.queue, count);
}

void vector_column_exp(uint32_t rows, uint32_t cols, const struct tile* dst, const struct tile* a,
                       const struct tile* below, const struct tile* sums) {
    struct issue issue = command_begin(runtime.vector_queue);
    command_reads(&issue, a->hazard);
    command_reads(&issue, below->hazard);
    command_writes(&issue, dst->hazard);
    command_writes(&issue, sums->hazard);
    struct vector_body* body = one_source(&issue, VECTOR_COLUMN_EXP, rows, cols, dst, a);
    body->b = below->address;
    body->c = sums->address;
    const uint32_t count = command_submit(&issue);
    hazard_read(a->hazard, issue.queue, count);
    hazard_read(below->hazard, issue.queue, count);
    hazard_written(dst->hazard, issue.queue, count);
    hazard_written(sums->hazard, issue.queue, count);
}

void vector_adam(uint32_t count, const struct tile* parameter, const struct tile* gradient, const struct tile* first,
                 const struct tile* second, const float scalar[3]) {
    struct issue issue = command_begin(runtime.vector_queue);
    command_writes(&issue, parameter->hazard);
    command_reads(&issue, gradient->hazard);
    command_writes(&issue, first->hazard);
    command_writes(&issue, second->hazard);
    struct vector_body* body = command_place(&issue, VECTOR_ADAM);
    body->dst = parameter->address;
    body->a = gradient->address;
    body->b = first->address;
    body->c = second->address;
    body->rows = 1;
    body->cols = count;
    body->dst_pitch = body->a_pitch = body->b_pitch = count * 4;
    body->b_mode = VECTOR_B_FULL;
    for (unsigned i = 0; i < 3; ++i)
        body->u.scalar[i] = scalar[i];
    body->u.scalar[3] = runtime.update.step_size;
    body->u.scalar[4] = runtime.update.correction;
    body->u.scalar[5] = runtime.update.decay;
    const uint32_t number = command_submit(&issue);
    hazard_read(gradient->hazard, issue.queue, number);
    hazard_written(parameter->hazard, issue.queue, number);
    hazard_written(first->hazard, issue.queue, number);
    hazard_written(second->hazard, issue.queue, number);
    vector_scalar_follows(3, &runtime.update.step_size);
    vector_scalar_follows(4, &runtime.update.correction);
    vector_scalar_follows(5, &runtime.update.decay);
}
