/* SPDX-License-Identifier: Apache-2.0 */
/* A matrix product as an operator describes it: C = op(A) op(B) [+ bias] [+ C], one or outer x inner of them. */
#ifndef GRADUS_FIRMWARE_KERNELS_PRODUCT_H
#define GRADUS_FIRMWARE_KERNELS_PRODUCT_H

#include "firmware/runtime/compute.h"

enum packing { PACKED_NOT, PACKED_SAME, PACKED_ROWS, PACKED_COLS };

/* One of C, A, B, as it is stored: [rows, cols] a product. */
struct side {
    struct tensor tensor;
    uint64_t base;
    uint32_t rows, cols;
    uint64_t outer_stride, inner_stride;
    uint32_t format; /* of its tiles */
    bool transposed;
    enum packing packing; /* of the inner products */
};

/* What becomes of a tile of C before it leaves, and beside it. All of it is [m, n]. */
struct epilogue {
    struct tensor addend;
    struct tensor x;       /* C is multiplied by the slope of the activation there */
    struct tensor y;       /* becomes the activation of C */
    uint32_t has_x, has_y; /* 0 or 1 */
    uint32_t activation;   /* ACTIVATION_* */
};

struct product {
    struct side c, a, b;
    struct tensor bias;
    bool has_bias, accumulate;
    struct tensor* addend;     /* where it accumulates: what is added; of the same shape as C, and mostly C itself */
    struct epilogue* epilogue; /* null: none; else there is one product only */
    uint32_t mode;             /* MATRIX_TRANSPOSE_* */
    uint32_t m, n, k;
    uint32_t outer_count, inner_count;
};

/* Product number [outer, inner]. */
static inline void product_move(struct side* side, uint32_t outer, uint32_t inner) {
    side->tensor.address = side->base + outer * side->outer_stride + inner * side->inner_stride;
}

/*
 * A product that is too large for one piece, or has an epilogue. Ends the run with EXIT_SHAPE if not even tiles fit the
 * scratchpad.
 */
void matmul_in_tiles(struct product* product);

#endif
