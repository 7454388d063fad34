/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gradient of attention.c. Scores are computed once more, and the probabilities are p = exp(scores - lse):
 *
 *     dv = p dy    ds = p (dy v^T - rowsum(dy y))    dk = ds (scale q)    dq = scale ds^T k
 *
 * The bias of a product does both subtractions, and a product with an indicator of heads the sum of rows. For each
 * block of keys the queries come from the last one on, which sees all of them; so dk and dv are written by the first
 * panel and added to by the others; within a window they are cleared before, because the first panel has not all of
 * their keys. Where the keys come in several blocks, dq is added up in DRAM. Source: Dao, FlashAttention-2, 2023,
 * algorithm 2.
 *
 * Where scores are capped (attention.h), ds has another factor, 2 cap u (1 - u), and lse is subtracted afterwards.
 */
#include <stddef.h>

#include "firmware/kernels/attention.h"
#include "firmware/kernels/kernels.h"

struct backward {
    struct attention a;
    struct tensor dq, dk, dv, dy, y, lse;
    struct tile dys[ATTENTION_STAGES], ys[ATTENTION_STAGES], dqs[ATTENTION_STAGES]; /* [queries, heads x width] */
    struct tile lses[ATTENTION_STAGES], dots[ATTENTION_STAGES];                     /* [heads x queries], negative */
    struct tile dscores[2];                                                         /* a panel */
    struct tile dks[2], dvs[2];                                                     /* [keys, heads of them x width] */
    struct tile heads; /* [heads, heads x width]: -1 where a column is of the row's head, else 0 */
    struct tile old;   /* of dq, where keys come in several blocks */
    uint32_t fences[RUNTIME_STORE_QUEUES];
};

static void take_tiles(struct backward* b) {
    const struct attention_cut* c = &b->a.cut;
    const uint32_t heads = c->kv_heads * c->shared, cols = heads * c->queries;
    const uint32_t width = heads * b->a.shape.width, kv_width = c->kv_heads * b->a.shape.width;
    const uint32_t rows = attention_rows(&b->a.shape, c);
    attention_tiles(&b->a);
    for (uint32_t i = 0; i < attention_q_sets(&b->a); ++i) {
        b->dys[i] = tile_allocate(c->queries, width, FORMAT_FP32);
        b->ys[i] = tile_allocate(c->queries, width, FORMAT_FP32);
        b->dqs[i] = tile_allocate(c->queries, width, FORMAT_FP32);
        b->lses[i] = tile_allocate(1, cols, FORMAT_FP32);
        b->dots[i] = tile_allocate(1, cols, FORMAT_FP32);
    }
    for (uint32_t i = 0; i < c->sets; ++i) {
        b->dscores[i] = tile_allocate(rows, cols, FORMAT_FP32);
        b->dks[i] = tile_allocate(c->keys, kv_width, FORMAT_FP32);
        b->dvs[i] = tile_allocate(c->keys, kv_width, FORMAT_FP32);
    }
    b->heads = tile_allocate(heads, width, FORMAT_FP32);
    if (attention_in_parts(&b->a.shape, c)) b->old = tile_allocate(c->queries, width, FORMAT_FP32);
    attention_mask(&b->a);
    tile_fill(&b->heads, heads, width, 0);
    for (uint32_t i = 0; i < heads; ++i) {
        const struct tile head = tile_view(&b->heads, i, i * b->a.shape.width);
        tile_fill(&head, 1, b->a.shape.width, -1);
    }
}

static uint32_t held_keys(const struct attention* a, const struct panel* p) {
    return smaller(a->cut.keys, a->shape.context - p->held);
}

static void begin(struct attention* a, const struct panel* p) {
    struct backward* b = (struct backward*)a;
    const struct attention_shape* s = &a->shape;
    const uint32_t set = p->q_set, cols = panel_cols(p), width = p->heads * s->width;
    if (p->loads) {
        panel_load_keys(a, p, held_keys(a, p), &a->ks[p->kv_set], &a->k);
        panel_load_keys(a, p, held_keys(a, p), &a->vs[p->kv_set], &a->v);
    }
    panel_open_queries(a, p);
    panel_load_queries(p, s->context, s->width, &b->dys[set], &b->dy);
    panel_load_queries(p, s->context, s->width, &b->ys[set], &b->y);
    const struct tile lse = attention_shaped(&b->lses[set], p->queries), y = attention_shaped(&b->ys[set], width);
    const struct tile dots = attention_shaped(&b->dots[set], p->queries);
    tile_load(&lse, &b->lse, p->sequence * s->kv_heads * s->group + p->head, p->query, p->heads, p->queries);
    vector_unary(VECTOR_AFFINE, 1, cols, &lse, &lse, -1, -a->cap);
    vector_binary(VECTOR_MUL, 1, p->queries * width, &y, &y, &b->dys[set]);
    matrix_multiply(&dots, &b->heads, &y, 0, p->heads, p->queries, width, MATRIX_TRANSPOSE_B);
    panel_multiply(a, p, &a->scores[p->set], &a->ks[p->kv_set], &a->qs[set], a->shape.capped ? NULL : &lse);
    panel_multiply(a, p, &b->dscores[p->set], &a->vs[p->kv_set], &b->dys[set], &dots);
}

static void clear(const struct attention* a, const struct panel* p, const struct tile* of_keys) {
    const uint32_t width = p->kv_heads * a->shape.width;
    const struct tile shaped = attention_shaped(of_keys, width);
    tile_fill(&shaped, held_keys(a, p), width, 0);
}

/* sum[of keys] (+)= panel[h] x[h] for each head of the panel, where several may share their keys. */
static void multiply_to_keys(const struct backward* b, const struct panel* p, const struct tile* sum,
                             const struct tile* panel, const struct tile* queries) {
    const uint32_t shared = p->heads / p->kv_heads;
    for (uint32_t i = 0; i < p->heads; ++i) {
        const struct tile c = panel_keys(&b->a, p, sum, i), x = panel_head(p, panel, i),
                          y = panel_queries(&b->a, p, queries, i);
        const bool writes = p->first && i % shared == 0 && !attention_has_window(&b->a);
        matrix_multiply(&c, &x, &y, 0, p->keys, b->a.shape.width, p->queries, writes ? 0 : MATRIX_ACCUMULATE);
    }
}

static void store_dq(struct backward* b, const struct panel* p) {
    const uint32_t width = b->a.shape.width, cols = p->heads * width, elements = p->queries * cols;
    const struct tile dq = attention_shaped(&b->dqs[p->q_set], cols);
    vector_unary(VECTOR_AFFINE, 1, elements, &dq, &dq, b->a.scale, 0);
    if (p->held && p->first) tensor_after_stores(&b->dq, b->fences);
    if (p->key > attention_first_key(&b->a, p->query)) {
        panel_load_queries(p, b->a.shape.context, width, &b->old, &b->dq);
        vector_binary(VECTOR_ADD, 1, elements, &dq, &dq, &b->old);
    }
    tile_store(&dq, &b->dq, p->sequence * b->a.shape.context + p->query, p->head * width, p->queries, cols);
}

static void store_keys(const struct attention* a, const struct panel* p, const struct tile* tile,
                       struct tensor* tensor) {
    const uint32_t width = p->kv_heads * a->shape.width;
    const struct tile shaped = attention_shaped(tile, width);
    tile_store(&shaped, tensor, p->sequence * a->shape.context + p->held, p->kv_head * a->shape.width, held_keys(a, p),
               width);
}

/*
 * Capped scores, less lse. They are cap - 2 cap u = 2 cap (1 - u) - cap, whose first term is what dscores are
 * multiplied by, with u.
 */
static void cap(const struct backward* b, const struct panel* p) {
    const struct tile *scores = &b->a.scores[p->set], *dscores = &b->dscores[p->set];
    const struct tile minus_lse = tile_repeat(&b->lses[p->q_set]);
    const uint32_t cols = panel_cols(p), elements = p->keys * cols;
    const struct tile rows = attention_shaped(scores, cols);
    panel_cap(&b->a, p);
    vector_binary(VECTOR_MUL, 1, elements, dscores, dscores, scores);
    vector_unary(VECTOR_AFFINE, 1, elements, scores, scores, -2 * b->a.cap, 2 * b->a.cap);
    vector_binary(VECTOR_MUL, 1, elements, dscores, dscores, scores);
    vector_binary(VECTOR_ADD, p->keys, cols, &rows, &rows, &minus_lse);
}

static void differentiate(struct attention* a, const struct panel* p) {
    const struct backward* b = (struct backward*)a;
    const struct tile *scores = &a->scores[p->set], *dscores = &b->dscores[p->set];
    const uint32_t elements = p->keys * panel_cols(p);
    if (p->first && attention_has_window(a)) {
        clear(a, p, &b->dks[p->kv_set]);
        clear(a, p, &b->dvs[p->kv_set]);
    }
    if (a->shape.capped) cap(b, p);
    panel_mask(a, p);
    vector_unary(VECTOR_EXP, 1, elements, scores, scores, 0, 0);
    multiply_to_keys(b, p, &b->dvs[p->kv_set], scores, &b->dys[p->q_set]);
    vector_binary(VECTOR_MUL, 1, elements, dscores, dscores, scores);
    multiply_to_keys(b, p, &b->dks[p->kv_set], dscores, &a->qs[p->q_set]);
    for (uint32_t i = 0; i < p->heads; ++i) {
        const struct tile c = panel_queries(a, p, &b->dqs[p->q_set], i), x = panel_head(p, dscores, i),
                          y = panel_keys(a, p, &a->ks[p->kv_set], i);
        matrix_multiply(&c, &x, &y, 0, p->queries, a->shape.width, p->keys, MATRIX_TRANSPOSE_A);
    }
}

static void end(struct attention* a, const struct panel* p) {
    struct backward* b = (struct backward*)a;
    store_dq(b, p);
    if (!p->last) return;
    store_keys(a, p, &b->dks[p->kv_set], &b->dk);
    store_keys(a, p, &b->dvs[p->kv_set], &b->dv);
}

/* All queries that see a block of keys. */
static void run_keys(struct backward* b, struct panel p, uint32_t kv_head, uint32_t key, uint32_t* q_set) {
    const struct attention_shape* s = &b->a.shape;
    const struct attention_cut* c = &b->a.cut;
    const uint32_t end = key + smaller(c->keys, s->context - key); /* of the block */
    const uint32_t seeing = end + smaller(s->window - 1, s->context - end), blocks = (seeing - 1) / c->queries + 1;
    p.first = true;
    for (uint32_t head = 0; head < s->group; head += c->shared) {
        panel_heads(&b->a, &p, kv_head, head);
        for (uint32_t block = blocks; block-- > 0 && panel_block(&b->a, &p, block * c->queries, key);) {
            const bool final = block == 0 || (s->causal && block * c->queries <= key);
            *q_set = attention_next(*q_set, attention_q_sets(&b->a));
            p.q_set = *q_set;
            p.last = final && head + c->shared >= s->group;
            p.loads = p.first;
            attention_add(&b->a, &p);
            p.first = false;
        }
    }
}

void kernel_attention_backward(const struct image_op* op) {
    struct backward b;
    b.a.stages[0] = begin;
    b.a.stages[1] = differentiate;
    b.a.stages[2] = end;
    attention_open(&b.a, op, 6, true);
    struct tensor* const others[] = {&b.dq, &b.dk, &b.dv, &b.dy, &b.y, &b.lse};
    for (uint32_t i = 0; i < sizeof others / sizeof others[0]; ++i)
        tensor_open(others[i], i);
    take_tiles(&b);
    uint32_t q_set = attention_q_sets(&b.a) - 1;
    struct panel p;
    p.kv_set = b.a.cut.sets - 1;
    for (p.sequence = 0; p.sequence < b.a.shape.batch; ++p.sequence)
        for (uint32_t kv = 0; kv < b.a.shape.kv_heads; kv += b.a.cut.kv_heads)
            for (uint32_t key = 0; key < b.a.shape.context; key += b.a.cut.keys) {
                p.kv_set = attention_next(p.kv_set, b.a.cut.sets);
                run_keys(&b, p, kv, key, &q_set);
            }
    attention_finish(&b.a);
}
