/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "firmware/hal/fail.h"
#include "firmware/kernels/attention.h"

#define HIDDEN VECTOR_SOFTMAX_HIDDEN

static void check(const struct image_op* op) {
    const uint32_t width = op->dims[2], group = op->dims[3], context = op->dims[4];
    if (width == 0 || group == 0 || context == 0 || op->dims[0] % context || op->dims[1] % width ||
        op->dims[1] / width % group)
        hal_fail(EXIT_IMAGE, "op %u: %u x %u are no sequences of %u and heads of %u, %u for each of keys",
                 runtime.op_number, op->dims[0], op->dims[1], context, width, group);
    if (op->dims[5] && !(op->flags & OP_FLAG_CAUSAL))
        hal_fail(EXIT_IMAGE, "op %u: a window of %u, and queries that see keys behind them", runtime.op_number,
                 op->dims[5]);
    if (!(runtime.matrix_formats & INFO_FORMAT_FP32))
        hal_fail(EXIT_CHIP, "op %u: attention in one operator needs a matrix unit that takes fp32", runtime.op_number);
}

void attention_open(struct attention* a, const struct image_op* op, uint32_t q, bool backward) {
    check(op);
    const bool narrow = op->flags & OP_FLAG_BF16 && runtime.matrix_formats & INFO_FORMAT_BF16;
    a->shape = (struct attention_shape){.batch = op->dims[0] / op->dims[4],
                                        .context = op->dims[4],
                                        .kv_heads = op->dims[1] / op->dims[2] / op->dims[3],
                                        .group = op->dims[3],
                                        .width = op->dims[2],
                                        .window = smaller(op->dims[5] ? op->dims[5] : op->dims[4], op->dims[4]),
                                        .format = narrow ? FORMAT_BF16 : FORMAT_FP32,
                                        .causal = op->flags & OP_FLAG_CAUSAL,
                                        .capped = op->scalar[1] > 0,
                                        .backward = backward};
    a->cap = a->shape.capped ? op->scalar[1] : 0;
    a->scale = a->shape.capped ? 2 * op->scalar[0] / a->cap : op->scalar[0];
    a->count = 0;
    tensor_open(&a->q, q);
    tensor_open(&a->k, q + 1);
    tensor_open(&a->v, q + 2);
    a->cut = *attention_cut(&a->shape, tile_room());
    if (a->cut.queries == 0)
        hal_fail(EXIT_SHAPE, "op %u (kind %u): the scratchpad is too small, %u bytes for an operator",
                 runtime.op_number, op->kind, tile_room());
}

void attention_tiles(struct attention* a) {
    const struct attention_cut* c = &a->cut;
    const uint32_t heads = c->kv_heads * c->shared, kv_width = c->kv_heads * a->shape.width;
    const uint32_t rows = attention_rows(&a->shape, c);
    for (uint32_t i = 0; i < attention_q_sets(a); ++i)
        a->qs[i] = tile_allocate(c->queries, heads * a->shape.width, FORMAT_FP32);
    for (uint32_t i = 0; i < c->sets; ++i) {
        a->ks[i] = tile_allocate(c->keys, kv_width, a->shape.format);
        a->vs[i] = tile_allocate(c->keys, kv_width, a->shape.format);
        a->scores[i] = tile_allocate(rows, heads * c->queries, FORMAT_FP32);
    }
    if (!a->shape.causal) return;
    a->after = tile_allocate(c->queries, heads * c->queries, FORMAT_FP32);
    if (attention_has_window(a)) a->behind = tile_allocate(c->queries, heads * c->queries, FORMAT_FP32);
    a->hidden = tile_allocate(1, c->queries, FORMAT_FP32);
}

/* The opcode replaces what is behind the diagonal; row 0 of `after` hides nothing. */
void attention_mask(struct attention* a) {
    if (!a->shape.causal) return;
    const uint32_t queries = a->cut.queries, cols = a->cut.kv_heads * a->cut.shared * queries;
    tile_fill(&a->after, 1, cols, 0);
    if (queries == 1) return;
    tile_fill(&a->hidden, 1, queries, HIDDEN);
    const struct tile hidden = tile_repeat(&a->hidden), seen = tile_repeat(&a->after);
    for (uint32_t head = 0; head < cols; head += queries) {
        const struct tile after = tile_view(&a->after, 1, head);
        vector_causal_mask(queries - 1, queries, &after, &hidden, 0, queries);
    }
    for (uint32_t head = 0; attention_has_window(a) && head < cols; head += queries) {
        const struct tile behind = tile_view(&a->behind, 0, head);
        vector_causal_mask(queries - 1, queries, &behind, &seen, HIDDEN, queries);
    }
}

static void do_stage(struct attention* a, uint32_t stage, uint32_t panel) {
    if (panel < a->count) a->stages[stage](a, &a->panels[panel % ATTENTION_STAGES]);
}

void attention_add(struct attention* a, struct panel* p) {
    const uint32_t number = a->count++;
    p->set = number % a->cut.sets;
    a->panels[number % ATTENTION_STAGES] = *p;
    /* With a single set of tiles, one panel after the other. Below the first panel, numbers wrap to the largest. */
    for (uint32_t stage = 0; stage < ATTENTION_STAGES; ++stage)
        do_stage(a, stage, a->cut.sets == 1 ? number : number - stage);
}

void attention_finish(struct attention* a) {
    if (a->cut.sets == 1) return;
    for (uint32_t late = 1; late < ATTENTION_STAGES; ++late)
        for (uint32_t stage = late; stage < ATTENTION_STAGES; ++stage)
            do_stage(a, stage, a->count + late - 1 - stage);
}

void panel_heads(const struct attention* a, struct panel* p, uint32_t kv_head, uint32_t head) {
    const uint32_t shared = smaller(a->cut.shared, a->shape.group - head);
    p->kv_head = kv_head;
    p->kv_heads = smaller(a->cut.kv_heads, a->shape.kv_heads - kv_head);
    p->head = kv_head * a->shape.group + head;
    p->heads = p->kv_heads * shared;
}

bool panel_block(const struct attention* a, struct panel* p, uint32_t query, uint32_t key) {
    const uint32_t context = a->shape.context, first = attention_first_key(a, query);
    p->query = query;
    p->queries = smaller(a->cut.queries, context - query);
    const uint32_t last = a->shape.causal ? query + p->queries : context;
    if (key >= last) return false;
    const uint32_t end = key + smaller(a->cut.keys, last - key);
    if (first >= end) return false;
    p->held = key;
    p->key = first > key ? first : key;
    p->keys = end - p->key;
    p->diagonal = a->shape.causal && end == last;
    return true;
}

void panel_load_queries(const struct panel* p, uint32_t context, uint32_t width, const struct tile* tile,
                        struct tensor* tensor) {
    const struct tile shaped = attention_shaped(tile, p->heads * width);
    tile_load(&shaped, tensor, p->sequence * context + p->query, p->head * width, p->queries, p->heads * width);
}

void panel_load_keys(const struct attention* a, const struct panel* p, uint32_t keys, const struct tile* tile,
                     struct tensor* tensor) {
    const uint32_t width = p->kv_heads * a->shape.width;
    const struct tile shaped = attention_shaped(tile, width);
    tile_load(&shaped, tensor, p->sequence * a->shape.context + p->held, p->kv_head * a->shape.width, keys, width);
}

void panel_open_queries(struct attention* a, const struct panel* p) {
    const struct tile* q = &a->qs[p->q_set];
    panel_load_queries(p, a->shape.context, a->shape.width, q, &a->q);
    vector_unary(VECTOR_AFFINE, 1, p->queries * p->heads * a->shape.width, q, q, a->scale, 0);
}

void panel_multiply(const struct attention* a, const struct panel* p, const struct tile* panel, const struct tile* keys,
                    const struct tile* queries, const struct tile* bias) {
    for (uint32_t i = 0; i < p->heads; ++i) {
        const struct tile c = panel_head(p, panel, i), x = panel_keys(a, p, keys, i),
                          y = panel_queries(a, p, queries, i);
        struct tile row;
        if (bias) row = tile_view(bias, 0, i * p->queries);
        matrix_multiply(&c, &x, &y, bias ? &row : NULL, p->keys, p->queries, a->shape.width, MATRIX_TRANSPOSE_B);
    }
}

void panel_cap(const struct attention* a, const struct panel* p) {
    const struct tile* scores = &a->scores[p->set];
    const uint32_t elements = p->keys * panel_cols(p);
    vector_unary(VECTOR_EXP, 1, elements, scores, scores, 0, 0);
    vector_unary(VECTOR_AFFINE, 1, elements, scores, scores, 1, 1);
    vector_unary(VECTOR_RECIPROCAL, 1, elements, scores, scores, 0, 0);
}

/* scores[first.., heads] += mask[row.., heads] */
static void add_mask(const struct attention* a, const struct panel* p, const struct tile* mask, uint32_t first,
                     uint32_t row, uint32_t rows) {
    const struct tile scores = attention_shaped(&a->scores[p->set], panel_cols(p)), from = tile_view(mask, row, 0);
    /* A mask for fewer queries is the first part of one for more of them, of a single head. */
    const uint32_t together = p->queries == a->cut.queries ? p->heads : 1;
    for (uint32_t i = 0; i < p->heads; i += together) {
        const struct tile part = tile_view(&scores, first, i * p->queries);
        vector_binary(VECTOR_ADD, rows, together * p->queries, &part, &part, &from);
    }
}

void panel_mask(const struct attention* a, const struct panel* p) {
    const uint32_t seen_by_last = attention_first_key(a, p->query + p->queries - 1);
    if (p->key < seen_by_last)
        add_mask(a, p, &a->behind, 0, p->key + (a->shape.window - 1) - p->query,
                 smaller(seen_by_last - p->key, p->keys));
    if (p->diagonal) add_mask(a, p, &a->after, p->query - p->key, 0, p->queries);
}
