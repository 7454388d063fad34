/* SPDX-License-Identifier: Apache-2.0 */
/* y = a + b and y = a * b, element by element, or y += that. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

COMMAND_INLINE void combine(const struct image_op* op, uint32_t opcode) {
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
            const struct tile *result = load_next(&at, &as, &a), *other = load(&at, &bs, &b);
            binary(&at, opcode, result, other);
            store_result(&at, result, &y);
        }
}

void kernel_add(const struct image_op* op) { combine(op, VECTOR_ADD); }
void kernel_mul(const struct image_op* op) { combine(op, VECTOR_MUL); }
