/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "firmware/hal/fail.h"
#include "firmware/kernels/head_loss.h"

#define SLICES 4u /* that a vocabulary is cut into at least, where it is not smaller than the array */

static uint64_t bytes_of(const struct head_loss* h, const struct head_loss_cut* c, head_loss_bytes more) {
    return tile_bytes(c->block, h->width, h->format) +
           c->sets * (tile_bytes(c->slice, h->width, h->format) + tile_bytes(c->slice, c->block, FORMAT_FP32)) +
           4 * tile_bytes(c->few, h->width, FORMAT_FP32) + 2 * tile_bytes(1, c->few, FORMAT_FP32) + more(h, c);
}

/*
 * All of w is read once a block: the most tokens that leave room for a slice twice as tall as the array, so that sums
 * which cross its port with every slice do so while it computes; then the tallest slice, a multiple of that. Where not
 * even one token does, shorter slices.
 */
static bool cut(struct head_loss* h, uint32_t room, head_loss_bytes more) {
    const uint32_t unit = smaller(2 * runtime.matrix_rows, h->vocabulary);
    struct head_loss_cut c = {.slice = unit};
    for (c.slice = unit; c.slice; c.slice /= 2)
        for (c.block = h->tokens; c.block; c.block /= 2) {
            c.few = smaller(HEAD_LOSS_FEW, c.block);
            c.sets = c.slice < h->vocabulary ? 2 : 1;
            while (c.few > 1 && bytes_of(h, &c, more) > room)
                c.few /= 2;
            if (bytes_of(h, &c, more) > room) continue;
            const uint32_t most = smaller(h->vocabulary, (h->vocabulary + SLICES - 1) / SLICES + unit);
            for (struct head_loss_cut taller = c; taller.slice + unit <= most; c = taller) {
                taller.slice += unit;
                if (bytes_of(h, &taller, more) > room) break;
            }
            h->cut = c;
            return true;
        }
    return false;
}

void head_loss_open(struct head_loss* h, const struct image_op* op, uint32_t x, head_loss_bytes more) {
    h->tokens = op->dims[0];
    h->vocabulary = op->dims[1];
    h->width = op->dims[2];
    if (h->width == 0) hal_fail(EXIT_IMAGE, "op %u: an empty product", runtime.op_number);
    if (!(runtime.matrix_formats & INFO_FORMAT_FP32))
        hal_fail(EXIT_CHIP, "op %u: head and loss in one operator need a matrix unit that takes fp32",
                 runtime.op_number);
    const bool narrow = op->flags & OP_FLAG_BF16 && runtime.matrix_formats & INFO_FORMAT_BF16;
    h->format = narrow ? FORMAT_BF16 : FORMAT_FP32;
    tensor_open(&h->x, x);
    tensor_open(&h->w, x + 1);
    tensor_open(&h->targets, x + 2);
    tensor_open(&h->weights, x + 3);
    if (!cut(h, tile_room(), more))
        hal_fail(EXIT_SHAPE, "op %u (kind %u): the scratchpad is too small, %u bytes for an operator",
                 runtime.op_number, op->kind, tile_room());
}

void head_loss_tiles(struct head_loss* h) {
    const struct head_loss_cut* c = &h->cut;
    h->block = tile_allocate(c->block, h->width, h->format);
    for (uint32_t i = 0; i < c->sets; ++i) {
        h->slices[i] = tile_allocate(c->slice, h->width, h->format);
        h->logits[i] = tile_allocate(c->slice, c->block, FORMAT_FP32);
    }
    for (uint32_t i = 0; i < 2; ++i) {
        h->entries[i] = tile_allocate(c->few, h->width, FORMAT_FP32);
        h->few_tokens[i] = tile_allocate(c->few, h->width, FORMAT_FP32);
        h->few_weights[i] = tile_allocate(1, c->few, FORMAT_FP32);
    }
}

void head_loss_load_block(struct head_loss* h, uint32_t token, uint32_t tokens) {
    tile_load(&h->block, &h->x, token, 0, tokens, h->width);
}

void head_loss_multiply(struct head_loss* h, uint32_t set, uint32_t entry, uint32_t entries, uint32_t tokens,
                        const struct tile* bias) {
    tile_load(&h->slices[set], &h->w, entry, 0, entries, h->width);
    const struct tile logits = head_loss_logits(h, set, tokens);
    matrix_multiply(&logits, &h->slices[set], &h->block, bias, entries, tokens, h->width, MATRIX_TRANSPOSE_B);
}

void head_loss_gather(struct head_loss* h, uint32_t set, uint32_t token, uint32_t tokens) {
    tile_gather(&h->entries[set], &h->w, 0, &h->targets, token, tokens, h->width, h->vocabulary);
    tile_load(&h->few_tokens[set], &h->x, token, 0, tokens, h->width);
    tile_load(&h->few_weights[set], &h->weights, 0, token, 1, tokens);
}
