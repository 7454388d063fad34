/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/kernels.h"

#include "firmware/hal/fail.h"
#include "firmware/runtime/runtime.h"

struct kernel {
    void (*run)(const struct image_op*);
    uint32_t operands, flags, accumulates;
};

static const struct kernel kernels[OP_KINDS] = {
#define KERNEL(ID, name, number, operands, flags, accumulates) [number] = {kernel_##name, operands, flags, accumulates},
    OPERATORS(KERNEL)
#undef KERNEL
};

void kernel_check(const struct image_op* op, uint32_t number, uint32_t bytes) {
    if (op->kind >= OP_KINDS || !kernels[op->kind].run)
        hal_fail(EXIT_IMAGE, "op %u: there is no kernel for kind %u", number, op->kind);
    const struct kernel* kernel = &kernels[op->kind];
    if (op->operand_count != kernel->operands ||
        bytes < sizeof(struct image_op) + kernel->operands * sizeof(struct image_operand))
        hal_fail(EXIT_IMAGE, "op %u (kind %u): %u operands in %u bytes, the kernel takes %u", number, op->kind,
                 op->operand_count, bytes, kernel->operands);
    if (op->flags & ~kernel->flags)
        hal_fail(EXIT_IMAGE, "op %u (kind %u): flags 0x%x, the kernel knows 0x%x", number, op->kind, op->flags,
                 kernel->flags);
    for (uint32_t i = 0; i < kernel->operands; ++i) {
        const struct image_operand* operand = &image_operands(op)[i];
        const uint32_t known = kernel->accumulates >> i & 1 ? OPERAND_ACCUMULATE : 0;
        if (operand->flags & ~known)
            hal_fail(EXIT_IMAGE, "op %u (kind %u): operand %u with flags 0x%x, the kernel knows 0x%x", number, op->kind,
                     i, operand->flags, known);
        if (operand->address && operand->after != IMAGE_NO_OP && operand->after >= number)
            hal_fail(EXIT_IMAGE, "op %u waits for op %u, which does not come before it", number, operand->after);
    }
    if (op->dims[0] == 0 || op->dims[1] == 0)
        hal_fail(EXIT_IMAGE, "op %u (kind %u): empty, %u x %u", number, op->kind, op->dims[0], op->dims[1]);
}

void kernel_run(const struct image_op* op) { kernels[op->kind].run(op); }
