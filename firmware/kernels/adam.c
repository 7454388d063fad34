/* SPDX-License-Identifier: Apache-2.0 */
/* The optimizer's update of one parameter tensor and its moments, see VECTOR_ADAM. */
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/kernels.h"

void kernel_adam(const struct image_op* op) {
    struct tensor tensors[4]; /* parameter, gradient, first and second moment */
    for (uint32_t i = 0; i < 4; ++i)
        tensor_open(&tensors[i], i);
    const struct image_update* update = &runtime.update;
    const float scalar[6] = {op->scalar[0],     op->scalar[1],      op->scalar[2],
                             update->step_size, update->correction, update->decay};
    uint32_t rows = op->dims[0], cols = op->dims[1];
    blocks_flatten(&rows, &cols, (const struct tensor*[]){&tensors[0], &tensors[1], &tensors[2], &tensors[3]}, 4);
    struct blocks blocks = blocks_of_elements(rows, cols, 4);
    if (rows > 1) blocks.rows = 1; /* the update takes gapless tiles only */
    struct tile_sets sets[4];
    for (uint32_t i = 0; i < 4; ++i)
        sets[i] = blocks_wide(&blocks);

    uint32_t set = 0;
    for (uint32_t r = 0; r < rows; r += blocks.rows)
        for (uint32_t c = 0; c < cols; c += blocks.cols, set = blocks_next(&blocks, set)) {
            const uint32_t n = smaller(blocks.cols, cols - c);
            for (uint32_t i = 0; i < 4; ++i)
                tile_load(&sets[i].tile[set], &tensors[i], r, c, 1, n);
            vector_adam(n, &sets[0].tile[set], &sets[1].tile[set], &sets[2].tile[set], &sets[3].tile[set], scalar);
            tile_store(&sets[0].tile[set], &tensors[0], r, c, 1, n);
            tile_store(&sets[2].tile[set], &tensors[2], r, c, 1, n);
            tile_store(&sets[3].tile[set], &tensors[3], r, c, 1, n);
        }
}
