/* SPDX-License-Identifier: Apache-2.0 */
/* y = softmax(s0 x) by rows, of what lies within a window. Its gradient is any softmax's: what is hidden has y = 0. */
#include "firmware/hal/fail.h"
#include "firmware/kernels/kernels.h"
#include "firmware/kernels/softmax_rows.h"

static struct window window_of(const struct softmax* s, const struct at* at) {
    return (struct window){s->period, runtime.op->dims[3], at->row % s->period, at->col};
}

static const struct tile* load_logits(struct softmax* s, struct at* at) {
    const struct tile* tile = load_next(at, &s->xs, &s->x);
    const struct window window = window_of(s, at);
    if (!is_one(s->scale)) unary(at, VECTOR_AFFINE, tile, s->scale, 0);
    vector_window_mask(at->rows, at->cols, tile, tile, MASKED, &window);
    return tile;
}

/* The command knows where a block begins. */
static uint32_t rows_of_block(const struct softmax* s, const struct at* at) {
    (void)s;
    return at->rows;
}

static void softmax_by_command(struct softmax* s) {
    struct at at = at_start(&s->blocks);
    while (next_rows(&at))
        while (next_chunk(&at)) {
            const struct tile* tile = load_next(&at, &s->xs, &s->x);
            const struct window window = window_of(s, &at);
            vector_window_softmax(at.rows, at.cols, tile, tile, s->scale, &window);
            store(&at, tile, &s->y);
        }
}

void kernel_window_softmax(const struct image_op* op) {
    if (op->dims[2] == 0 || op->dims[3] == 0)
        hal_fail(EXIT_IMAGE, "op %u: a window of %u in a period of %u", runtime.op_number, op->dims[3], op->dims[2]);
    softmax(op, op->dims[2]);
}
