/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/kernels.h"

#include "firmware/hal/fail.h"
#include "firmware/runtime/runtime.h"

static void (*const kernels[OP_KINDS])(const struct image_op*) = {
    [OP_EMBED] = kernel_embed,
    [OP_EMBED_BACKWARD] = kernel_embed_backward,
    [OP_RMSNORM] = kernel_rmsnorm,
    [OP_RMSNORM_BACKWARD] = kernel_rmsnorm_backward,
    [OP_MATMUL] = kernel_matmul,
    [OP_SOFTMAX] = kernel_softmax,
    [OP_SOFTMAX_BACKWARD] = kernel_softmax_backward,
    [OP_ADD] = kernel_add,
    [OP_ACTIVATION] = kernel_activation,
    [OP_ACTIVATION_BACKWARD] = kernel_activation_backward,
    [OP_CROSS_ENTROPY] = kernel_cross_entropy,
    [OP_CROSS_ENTROPY_BACKWARD] = kernel_cross_entropy_backward,
    [OP_ADAM] = kernel_adam,
    [OP_COLUMN_SUM] = kernel_column_sum,
    [OP_LAYERNORM] = kernel_layernorm,
    [OP_COPY] = kernel_copy,
};

void kernel_run(const struct image_op* op) {
    if (op->kind >= OP_KINDS || !kernels[op->kind])
        hal_fail(EXIT_IMAGE, "op %u: there is no kernel for kind %u", runtime.op_number, op->kind);
    if (op->dims[0] == 0 || op->dims[1] == 0)
        hal_fail(EXIT_IMAGE, "op %u (kind %u): empty, %u x %u", runtime.op_number, op->kind, op->dims[0], op->dims[1]);
    kernels[op->kind](op);
}
