/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function an operator: tile loops that work for any shape on any chip. See firmware/include/schedule_image.h for
 * operands and dimensions. A kernel reads the operator from `runtime.op`, takes tiles from the arena and submits
 * commands; it never waits. Two rules keep the runtime's bookkeeping right:
 *   - whatever a kernel loads or computes ends up in one of its stores (so its stores retired means that it retired);
 *   - control flow never depends on data, only on shapes.
 * Tiles are taken first, with no more than a few loads between them: on the host, to find out whether they fit, a
 * kernel is run no further (platform/planning).
 */
#ifndef GRADUS_FIRMWARE_KERNELS_KERNELS_H
#define GRADUS_FIRMWARE_KERNELS_KERNELS_H

#include "firmware/include/schedule_image.h"

void kernel_embed(const struct image_op* op);
void kernel_embed_backward(const struct image_op* op);
void kernel_rmsnorm(const struct image_op* op);
void kernel_rmsnorm_backward(const struct image_op* op);
void kernel_matmul(const struct image_op* op);
void kernel_softmax(const struct image_op* op);
void kernel_softmax_backward(const struct image_op* op);
void kernel_add(const struct image_op* op);
void kernel_activation(const struct image_op* op);
void kernel_activation_backward(const struct image_op* op);
void kernel_cross_entropy(const struct image_op* op);
void kernel_cross_entropy_backward(const struct image_op* op);
void kernel_adam(const struct image_op* op);
void kernel_column_sum(const struct image_op* op);
void kernel_layernorm(const struct image_op* op);
void kernel_copy(const struct image_op* op);

/* Runs the kernel of op->kind. Ends the run with EXIT_IMAGE if there is none. */
void kernel_run(const struct image_op* op);

#endif
