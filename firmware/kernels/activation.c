/* SPDX-License-Identifier: Apache-2.0 */
/* y = f(x), and dx = f'(x) dy. The square of a ReLU, and its slope, take a product more. */
#include "firmware/kernels/activation.h"

#include "firmware/hal/fail.h"
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

static uint32_t opcode_of(uint32_t activation, bool backward) {
    static const uint8_t opcodes[][2] = {[ACTIVATION_RELU] = {VECTOR_RELU, VECTOR_RELU_BACKWARD},
                                         [ACTIVATION_GELU] = {VECTOR_GELU, VECTOR_GELU_BACKWARD},
                                         [ACTIVATION_SILU] = {VECTOR_SILU, VECTOR_SILU_BACKWARD},
                                         [ACTIVATION_RELU_SQUARED] = {VECTOR_RELU, VECTOR_MUL},
                                         [ACTIVATION_GELU_ERF] = {VECTOR_GELU_ERF, VECTOR_GELU_ERF_BACKWARD}};
    if (activation >= sizeof opcodes / sizeof opcodes[0])
        hal_fail(EXIT_IMAGE, "op %u: unknown activation %u", runtime.op_number, activation);
    return opcodes[activation][backward];
}

void activate_tile(uint32_t activation, uint32_t rows, uint32_t cols, const struct tile* y, const struct tile* x) {
    vector_unary(opcode_of(activation, false), rows, cols, y, x, 0, 0);
    if (activation == ACTIVATION_RELU_SQUARED) vector_binary(VECTOR_MUL, rows, cols, y, y, y);
}

void activation_slope_tile(uint32_t activation, uint32_t rows, uint32_t cols, const struct tile* gradient,
                           const struct tile* x) {
    if (activation == ACTIVATION_RELU_SQUARED) {
        vector_unary(VECTOR_RELU, rows, cols, x, x, 0, 0);
        vector_unary(VECTOR_AFFINE, rows, cols, x, x, 2.0f, 0);
    }
    vector_binary(opcode_of(activation, true), rows, cols, gradient, x, gradient);
}

void kernel_activation(const struct image_op* op) {
    struct tensor y, x;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const struct blocks blocks = blocks_of_elements(op, 1, (const struct tensor*[]){&y, &x}, 2);
    const struct tile_sets xs = blocks_wide(&blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile* tile = load_next(&at, &xs, &x);
            activate_tile(op->dims[2], at.rows, at.cols, tile, tile);
            store(&at, tile, &y);
        }
}

void kernel_activation_backward(const struct image_op* op) {
    struct result dx;
    struct tensor dy, x;
    result_open(&dx, 0);
    tensor_open(&dy, 1);
    tensor_open(&x, 2);
    const struct blocks blocks = blocks_of_elements(op, 2 + dx.adds, (const struct tensor*[]){&dx.tensor, &dy, &x}, 3);
    const struct tile_sets xs = blocks_wide(&blocks), dys = blocks_wide(&blocks);
    result_tiles(&dx, &blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile *input = load_next(&at, &xs, &x), *gradient = load(&at, &dys, &dy);
            activation_slope_tile(op->dims[2], at.rows, at.cols, gradient, input);
            store_result(&at, gradient, &dx);
        }
}
