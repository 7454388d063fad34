/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/product.h"

#include "firmware/hal/fail.h"

static enum packing packing_of(const struct side* side, uint32_t inner_count) {
    if (inner_count == 1) return PACKED_SAME;
    if (side->inner_stride == 0) return PACKED_SAME;
    if (side->inner_stride == side->cols * (side->tensor.format == FORMAT_BF16 ? 2u : 4u)) return PACKED_COLS;
    if (side->inner_stride == (uint64_t)side->rows * side->tensor.pitch) return PACKED_ROWS;
    return PACKED_NOT;
}

static void open_side(struct side* side, const struct image_op* op, uint32_t operand, uint32_t rows, uint32_t cols,
                      uint32_t format, bool transposed) {
    tensor_open(&side->tensor, operand);
    side->base = side->tensor.address;
    side->rows = transposed ? cols : rows;
    side->cols = transposed ? rows : cols;
    side->outer_stride = op->outer_stride[operand];
    side->inner_stride = op->inner_stride[operand];
    side->format = format;
    side->transposed = transposed;
    side->packing = packing_of(side, op->inner_count);
}

static uint32_t operand_format(const struct image_op* op) {
    const bool bf16 = runtime.matrix_formats & INFO_FORMAT_BF16, fp32 = runtime.matrix_formats & INFO_FORMAT_FP32;
    if (!bf16 && !fp32) hal_fail(EXIT_CHIP, "op %u: the matrix unit takes neither fp32 nor bf16", runtime.op_number);
    return bf16 && (op->flags & OP_FLAG_BF16 || !fp32) ? FORMAT_BF16 : FORMAT_FP32;
}

void product_open(struct product* p, const struct image_op* op) {
    p->m = op->dims[0];
    p->n = op->dims[1];
    p->k = op->dims[2];
    p->outer_count = op->outer_count;
    p->inner_count = op->inner_count;
    const uint32_t format = operand_format(op);
    open_side(&p->c, op, 0, p->m, p->n, FORMAT_FP32, false);
    open_side(&p->a, op, 1, p->m, p->k, format, op->flags & OP_FLAG_TRANSPOSE_A);
    open_side(&p->b, op, 2, p->k, p->n, format, op->flags & OP_FLAG_TRANSPOSE_B);
    p->has_bias = tensor_open(&p->bias, 3);
    p->accumulate = op->flags & OP_FLAG_ACCUMULATE;
    p->mode = (p->a.transposed ? MATRIX_TRANSPOSE_A : 0) | (p->b.transposed ? MATRIX_TRANSPOSE_B : 0);
    if (p->k == 0 || p->outer_count == 0 || p->inner_count == 0)
        hal_fail(EXIT_IMAGE, "op %u: an empty product", runtime.op_number);
    if ((p->outer_count > 1 && p->c.outer_stride == 0) || (p->inner_count > 1 && p->c.inner_stride == 0))
        hal_fail(EXIT_IMAGE, "op %u: products that share their result", runtime.op_number);
}
