/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/kernels.h"
#include "firmware/kernels/product.h"

void kernel_matmul(const struct image_op* op) {
    struct product product;
    product_open(&product, op);
    if (!product_multiply_whole(&product)) product_multiply_tiles(&product);
}
