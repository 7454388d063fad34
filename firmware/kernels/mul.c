/* SPDX-License-Identifier: Apache-2.0 */
/* y = a * b, or y += a * b. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_mul(const struct image_op* op) {
    struct result y;
    struct tensor a, b;
    result_open(&y, 0);
    tensor_open(&a, 1);
    tensor_open(&b, 2);
    const struct blocks blocks = blocks_of_elements(op, 2 + y.adds, (const struct tensor*[]){&y.tensor, &a, &b}, 3);
    const struct tile_sets as = blocks_wide(&blocks), bs = blocks_wide(&blocks);
    result_tiles(&y, &blocks);

    struct at at = at_start(&blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile *product = load_next(&at, &as, &a), *other = load(&at, &bs, &b);
            binary(&at, VECTOR_MUL, product, other);
            store_result(&at, product, &y);
        }
}
