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
    uint32_t window;          /* keys that a query sees at most, itself among them; without a window: the context */
    uint32_t format;          /* FORMAT_* of keys and values in the scratchpad */
    bool causal, capped, backward;
};

struct attention_cut {
    uint32_t kv_heads; /* in a panel */
    uint32_t shared;   /* heads of queries in a panel for each of them: the group, if there are several */
    uint32_t queries;  /* of each head */
    uint32_t keys;     /* whose tiles are loaded together: all of them, or a multiple of the queries */
    uint32_t sets;     /* 2, or 1 where there is no room for two panels at a time */
};

/* The keys of a panel, at most: of those that are loaded, no query of a block sees more. */
uint32_t attention_rows(const struct attention_shape* shape, const struct attention_cut* cut);

/*
 * Whether a query's keys come in several panels. A window's keys are loaded from the block of queries on that its first
 * one is in; of a gradient, blocks of keys are the same for all queries.
 */
bool attention_in_parts(const struct attention_shape* shape, const struct attention_cut* cut);

/*
 * The cut with the least estimated time that fits `room` bytes; queries = 0: none does. Those of the last shapes are
 * remembered, with and without a window, because models have layers of both kinds.
 *
 * The estimate: for each panel, the largest of the matrix unit's time (matmul_plan.h), the vector unit's for so many
 * passes over it, the hart's for descriptors (unless they are recorded), and that of what is loaded for it alone.
 */
const struct attention_cut* attention_cut(const struct attention_shape* shape, uint32_t room);

#endif
