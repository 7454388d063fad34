/* SPDX-License-Identifier: Apache-2.0 */
/* y = f(x), and dx = f'(x) dy. */
#include "firmware/hal/fail.h"
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

static uint32_t opcode_of(uint32_t activation, bool backward) {
    static const uint8_t opcodes[][2] = {[ACTIVATION_RELU] = {VECTOR_RELU, VECTOR_RELU_BACKWARD},
                                         [ACTIVATION_GELU] = {VECTOR_GELU, VECTOR_GELU_BACKWARD},
                                         [ACTIVATION_SILU] = {VECTOR_SILU, VECTOR_SILU_BACKWARD}};
    if (activation >= sizeof opcodes / sizeof opcodes[0])
        hal_fail(EXIT_IMAGE, "op %u: unknown activation %u", runtime.op_number, activation);
    return opcodes[activation][backward];
}

void kernel_activation(const struct image_op* op) {
    struct tensor y, x;
    tensor_open(&y, 0);
    tensor_open(&x, 1);
    const uint32_t opcode = opcode_of(op->dims[2], false);
    uint32_t rows = op->dims[0], cols = op->dims[1];
    blocks_flatten(&rows, &cols, (const struct tensor*[]){&y, &x}, 2);
    const struct blocks blocks = blocks_of_elements(rows, cols, 1);
    const struct tile_sets xs = blocks_wide(&blocks);

    uint32_t set = 0;
    for (uint32_t r = 0; r < rows; r += blocks.rows)
        for (uint32_t c = 0; c < cols; c += blocks.cols, set = blocks_next(&blocks, set)) {
            const uint32_t m = smaller(blocks.rows, rows - r), n = smaller(blocks.cols, cols - c);
            const struct tile* tile = &xs.tile[set];
            tile_load(tile, &x, r, c, m, n);
            vector_unary(opcode, m, n, tile, tile, 0, 0);
            tile_store(tile, &y, r, c, m, n);
        }
}

void kernel_activation_backward(const struct image_op* op) {
    struct tensor dx, dy, x;
    tensor_open(&dx, 0);
    tensor_open(&dy, 1);
    tensor_open(&x, 2);
    const uint32_t opcode = opcode_of(op->dims[2], true);
    const bool accumulate = operand_accumulates(op, 0);
    uint32_t rows = op->dims[0], cols = op->dims[1];
    blocks_flatten(&rows, &cols, (const struct tensor*[]){&dx, &dy, &x}, 3);
    const struct blocks blocks = blocks_of_elements(rows, cols, accumulate ? 3 : 2);
    const struct tile_sets xs = blocks_wide(&blocks), dys = blocks_wide(&blocks);
    struct tile_sets olds;
    if (accumulate) olds = blocks_wide(&blocks);

    uint32_t set = 0;
    for (uint32_t r = 0; r < rows; r += blocks.rows)
        for (uint32_t c = 0; c < cols; c += blocks.cols, set = blocks_next(&blocks, set)) {
            const uint32_t m = smaller(blocks.rows, rows - r), n = smaller(blocks.cols, cols - c);
            const struct tile* result = &dys.tile[set];
            tile_load(&xs.tile[set], &x, r, c, m, n);
            tile_load(result, &dy, r, c, m, n);
            vector_binary(opcode, m, n, result, &xs.tile[set], result);
            if (accumulate) {
                tile_load(&olds.tile[set], &dx, r, c, m, n);
                vector_binary(VECTOR_ADD, m, n, result, result, &olds.tile[set]);
            }
            tile_store(result, &dx, r, c, m, n);
        }
}
