/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What attention and its gradient have in common. Neither ever has all scores of a head: they go through them panel by
 * panel, each of the keys of a block and the queries of a block, of several heads side by side:
 *
 *                   head 0     head 1
 *                   queries    queries    ...
 *            keys [  K0 Q0^T |  K1 Q1^T |     ]
 *
 * A query is a column. So its maximum and its sum need no tree over the lanes, a vector command does all heads of a
 * panel, and the matrix unit takes panels as they are. A panel has only keys that some of its queries sees. The first
 * of them are behind the windows of others, and the last ones come after others: what a query does not see is masked in
 * these rows alone.
 *
 * Capped scores are cap tanh(s / cap) = cap - 2 cap u with u = 1 / (exp(2 s / cap) + 1), as in softcap.c: queries are
 * multiplied by 2 / cap, so that their products are the exponents.
 *
 * A panel goes through three stages: loads and scores; the vector unit's work on them, and their products with other
 * operands; what is done with the products. No stage waits for what its own panel was given to do just before: the next
 * panel begins first, so that both units always have something to do.
 */
#ifndef GRADUS_FIRMWARE_KERNELS_ATTENTION_H
#define GRADUS_FIRMWARE_KERNELS_ATTENTION_H

#include "firmware/kernels/attention_cut.h"
#include "firmware/runtime/compute.h"

#define ATTENTION_STAGES 3u /* and as many panels under way, each with queries of its own */

struct panel {
    uint32_t sequence;
    uint32_t head, heads;       /* of queries */
    uint32_t kv_head, kv_heads; /* of keys and values; heads / kv_heads share one */
    uint32_t query, queries, key, keys;
    uint32_t held;               /* the first of the keys that its tiles of keys and values hold */
    bool diagonal;               /* it ends with the last key that its queries see */
    bool first, last;            /* of those that belong together */
    bool loads;                  /* its keys and values */
    uint32_t q_set, kv_set, set; /* of tiles; the last one of scores */
};

struct attention;
typedef void (*attention_stage)(struct attention* a, const struct panel* p);

/* The first member of what a kernel keeps. */
struct attention {
    attention_stage stages[ATTENTION_STAGES];
    struct panel panels[ATTENTION_STAGES];
    uint32_t count; /* of panels so far */
    struct attention_shape shape;
    struct attention_cut cut;
    float scale, cap; /* what queries are multiplied by; 0: scores have none */
    struct tensor q, k, v;
    struct tile qs[ATTENTION_STAGES]; /* [queries, heads x width] */
    struct tile ks[2], vs[2];         /* [keys, heads of them x width] */
    struct tile scores[2];            /* [keys of a panel, heads x queries] */
    /*
     * Masks, [queries, heads x queries], which are added. A row of `after` hides its key from queries before the row's
     * number, a row of `behind` from those after it; `hidden` is a row of such scores.
     */
    struct tile after, behind, hidden;
};

/* Reads the operator, whose operands from number `q` on are queries, keys and values, and cuts it. */
void attention_open(struct attention* a, const struct image_op* op, uint32_t q, bool backward);

/* Takes the tiles of struct attention. */
void attention_tiles(struct attention* a);

/* Fills the masks. After the last tile has been taken. */
void attention_mask(struct attention* a);

/* The same tile with rows of so many columns, without gaps. */
static inline struct tile attention_shaped(const struct tile* tile, uint32_t cols) {
    struct tile shaped = *tile;
    shaped.pitch = cols << (tile->format == FORMAT_BF16 ? 1 : 2);
    return shaped;
}

static inline uint32_t attention_q_sets(const struct attention* a) { return a->cut.sets == 1 ? 1 : ATTENTION_STAGES; }

static inline bool attention_has_window(const struct attention* a) { return a->shape.window < a->shape.context; }

/* The first key that a query sees. */
static inline uint32_t attention_first_key(const struct attention* a, uint32_t query) {
    return query < a->shape.window ? 0 : query - (a->shape.window - 1);
}

static inline uint32_t attention_next(uint32_t set, uint32_t sets) { return set + 1 == sets ? 0 : set + 1; }

/* Columns of a panel. */
static inline uint32_t panel_cols(const struct panel* p) { return p->heads * p->queries; }

/* Begins a panel, whose set of scores it chooses, and does later stages of those before it. */
void attention_add(struct attention* a, struct panel* p);

/* Does what is left to do. */
void attention_finish(struct attention* a);

/* The heads of a panel: `kv_head` and `head` are given, the latter within its group. */
void panel_heads(const struct attention* a, struct panel* p, uint32_t kv_head, uint32_t head);

/*
 * The queries of a panel, and its keys: those of the block from `key` on, which the tiles hold, that some query sees;
 * false if none does.
 */
bool panel_block(const struct attention* a, struct panel* p, uint32_t query, uint32_t key);

/* tile = the panel's part of a tensor of queries, or `keys` keys from the first one on that its tiles hold. */
void panel_load_queries(const struct panel* p, uint32_t context, uint32_t width, const struct tile* tile,
                        struct tensor* tensor);
void panel_load_keys(const struct attention* a, const struct panel* p, uint32_t keys, const struct tile* tile,
                     struct tensor* tensor);

/* Loads the panel's queries, times the scale. */
void panel_open_queries(struct attention* a, const struct panel* p);

/*
 * panel[h] = rows of head h of `keys` times rows of head h of `queries`, [+ one value for each query: row h of bias].
 */
void panel_multiply(const struct attention* a, const struct panel* p, const struct tile* panel, const struct tile* keys,
                    const struct tile* queries, const struct tile* bias);

/* scores = 1 / (exp(scores) + 1), of which capped ones are made. */
void panel_cap(const struct attention* a, const struct panel* p);

/* Adds the masks to the scores. */
void panel_mask(const struct attention* a, const struct panel* p);

/* The part of a panel that belongs to a head, and that of a tile of queries, or the panel's part of one of keys. */
static inline struct tile panel_head(const struct panel* p, const struct tile* panel, uint32_t head) {
    const struct tile shaped = attention_shaped(panel, panel_cols(p));
    return tile_view(&shaped, 0, head * p->queries);
}
static inline struct tile panel_queries(const struct attention* a, const struct panel* p, const struct tile* tile,
                                        uint32_t head) {
    const struct tile shaped = attention_shaped(tile, p->heads * a->shape.width);
    return tile_view(&shaped, 0, head * a->shape.width);
}
static inline struct tile panel_keys(const struct attention* a, const struct panel* p, const struct tile* tile,
                                     uint32_t head) {
    const struct tile shaped = attention_shaped(tile, p->kv_heads * a->shape.width);
    return tile_view(&shaped, p->key - p->held, head / (p->heads / p->kv_heads) * a->shape.width);
}

#endif
