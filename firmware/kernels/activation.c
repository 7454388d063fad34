/* SPDX-License-Identifier: Apache-2.0 */
/* y = f(x), and dx = f'(x) dy. The square of a ReLU, and its slope, take a product more. */
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

void kernel_activation(const struct image_op* op) {
    struct tensor y, x;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const uint32_t opcode = opcode_of(op->dims[2], false);
    const struct blocks blocks = blocks_of_elements(op, 1, (const struct tensor*[]){&y, &x}, 2);
    const struct tile_sets xs = blocks_wide(&blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile* tile = load_next(&at, &xs, &x);
            unary(&at, opcode, tile, 0, 0);
            if (op->dims[2] == ACTIVATION_RELU_SQUARED) binary(&at, VECTOR_MUL, tile, tile);
            store(&at, tile, &y);
        }
}

void kernel_activation_backward(const struct image_op* op) {
    struct result dx;
    struct tensor dy, x;
    result_open(&dx, 0);
    tensor_open(&dy, 1);
    tensor_open(&x, 2);
    const uint32_t opcode = opcode_of(op->dims[2], true);
    const struct blocks blocks = blocks_of_elements(op, 2 + dx.adds, (const struct tensor*[]){&dx.tensor, &dy, &x}, 3);
    const struct tile_sets xs = blocks_wide(&blocks), dys = blocks_wide(&blocks);
    result_tiles(&dx, &blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile *input = load_next(&at, &xs, &x), *gradient = load(&at, &dys, &dy);
            if (op->dims[2] == ACTIVATION_RELU_SQUARED) {
                unary(&at, VECTOR_RELU, input, 0, 0);
                unary(&at, VECTOR_AFFINE, input, 2.0f, 0);
            }
            vector_binary(opcode, at.rows, at.cols, gradient, input, gradient);
            store_result(&at, gradient, &dx);
        }
}
