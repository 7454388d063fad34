/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the loss of a language-model head and its gradient have in common. Logits are computed a slice of the vocabulary
 * at a time, for a block of tokens, and never leave the scratchpad. A token is a column:
 *
 *     logits [slice, block] = w [slice, width] x [block, width]^T
 *
 * What belongs to a token's target alone, its row of w, is gathered by the DMA, a few tokens at a time.
 */
#ifndef GRADUS_FIRMWARE_KERNELS_HEAD_LOSS_H
#define GRADUS_FIRMWARE_KERNELS_HEAD_LOSS_H

#include "firmware/runtime/compute.h"

#define HEAD_LOSS_FEW 32u /* tokens whose targets are gathered at a time, at most */

struct head_loss_cut {
    uint32_t block, slice, few;
    uint32_t sets; /* of tiles of a slice: 2, or 1 if all of the vocabulary is one */
};

struct head_loss {
    uint32_t tokens, vocabulary, width;
    uint32_t format; /* FORMAT_* of x and w as operands of products */
    struct tensor x, w, targets, weights;
    struct head_loss_cut cut;
    struct tile block;                     /* of x */
    struct tile slices[2], logits[2];      /* of w; of w x^T */
    struct tile entries[2], few_tokens[2]; /* [few, width]: rows of w that are targets; of x */
    struct tile few_weights[2];            /* [few] */
};

/* What a kernel needs beside the tiles of struct head_loss, in bytes, for a cut. */
typedef uint64_t (*head_loss_bytes)(const struct head_loss* h, const struct head_loss_cut* cut);

/* Opens operands x, w, targets and weights, which are those from number `x` on, and cuts the operator. */
void head_loss_open(struct head_loss* h, const struct image_op* op, uint32_t x, head_loss_bytes more);

/* Takes the tiles of struct head_loss. */
void head_loss_tiles(struct head_loss* h);

/* Loads a block of x. */
void head_loss_load_block(struct head_loss* h, uint32_t token, uint32_t tokens);

/* Loads a slice of w and multiplies it; `bias`, [tokens], may be null. */
void head_loss_multiply(struct head_loss* h, uint32_t set, uint32_t entry, uint32_t entries, uint32_t tokens,
                        const struct tile* bias);

/* Loads the targets' rows of w, the rows of x and the weights of a few tokens. */
void head_loss_gather(struct head_loss* h, uint32_t set, uint32_t token, uint32_t tokens);

/* The same memory as a block of logits without gaps. */
static inline struct tile head_loss_logits(const struct head_loss* h, uint32_t set, uint32_t tokens) {
    struct tile logits = h->logits[set];
    logits.pitch = tokens * 4;
    return logits;
}

#endif
