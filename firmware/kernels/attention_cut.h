/* SPDX-License-Identifier: Apache-2.0 */
/* How an attention is cut into panels (attention.h). */
#ifndef GRADUS_FIRMWARE_KERNELS_ATTENTION_CUT_H
#define GRADUS_FIRMWARE_KERNELS_ATTENTION_CUT_H

#include <stdbool.h>
#include <stdint.h>

struct attention_shape {
    uint32_t batch, context;
    uint32_t kv_heads, group; /* heads of keys and values; heads of queries that share one */
    uint32_t width;           /* of a head */
    uint32_t format;          /* FORMAT_* of keys and values in the scratchpad */
    bool causal, backward;
};

struct attention_cut {
    uint32_t kv_heads; /* in a panel */
    uint32_t shared;   /* heads of queries in a panel for each of them: the group, if there are several */
    uint32_t queries;  /* of each head */
    uint32_t keys;     /* all of them, or a multiple of the queries */
    uint32_t sets;     /* 2, or 1 where there is no room for two panels at a time */
};

/*
 * The cut with the least estimated time that fits `room` bytes; queries = 0: none does. That of the last shape is
 * remembered.
 *
 * The estimate: for each panel, the largest of the matrix unit's time (matmul_plan.h), the vector unit's for so many
 * passes over it, the hart's for descriptors (unless they are recorded), and that of what is loaded for it alone.
 */
const struct attention_cut* attention_cut(const struct attention_shape* shape, uint32_t room);

#endif
