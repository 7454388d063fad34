/* SPDX-License-Identifier: Apache-2.0 */
/*
 * y = softmax(scale q k^T) v by heads, without a matrix of scores in DRAM. Where the keys come in several blocks, what
 * has been summed up is scaled down whenever a larger score comes:
 *
 *     m' = max(m, scores)   l' = l exp(m - m') + sum of exp(scores - m')   y' = y exp(m - m') + exp(scores - m') v
 *
 * and in the end y / l is stored, and m + log l for the gradient. Sources: Milakov and Gimelshein, Online normalizer
 * calculation for softmax, 2018; Dao, FlashAttention-2, 2023, algorithm 1.
 */
#include "firmware/kernels/attention.h"
#include "firmware/kernels/kernels.h"

struct forward {
    struct attention a;
    struct tensor y, lse;
    struct tile ys[ATTENTION_STAGES];                             /* [queries, heads x width] */
    struct tile maxima[ATTENTION_STAGES], sums[ATTENTION_STAGES]; /* [heads x queries] */
    struct tile halves;                                           /* half of a panel */
    struct tile part, decay;                                      /* [heads x queries]; the latter of several blocks */
};

static void take_tiles(struct forward* f) {
    const struct attention_cut* c = &f->a.cut;
    const uint32_t heads = c->kv_heads * c->shared, cols = heads * c->queries;
    attention_tiles(&f->a);
    for (uint32_t i = 0; i < attention_q_sets(&f->a); ++i) {
        f->ys[i] = tile_allocate(c->queries, heads * f->a.shape.width, FORMAT_FP32);
        f->maxima[i] = tile_allocate(1, cols, FORMAT_FP32);
        f->sums[i] = tile_allocate(1, cols, FORMAT_FP32);
    }
    f->halves = tile_allocate((c->keys + 1) / 2, cols, FORMAT_FP32);
    f->part = tile_allocate(1, cols, FORMAT_FP32);
    if (c->keys < f->a.shape.context) f->decay = tile_allocate(1, cols, FORMAT_FP32);
    attention_mask(&f->a);
}

/* The maximum of each column: half of the rows against the other half, and so on. */
static void column_max(const struct forward* f, uint32_t rows, uint32_t cols, const struct tile* maxima,
                       const struct tile* scores) {
    if (rows == 1) {
        vector_unary(VECTOR_AFFINE, 1, cols, maxima, scores, 1, 0);
        return;
    }
    const struct tile* from = scores;
    while (rows > 1) {
        /* What is not changed in place may have a row in both halves. */
        const uint32_t half = from == scores ? (rows + 1) / 2 : rows / 2;
        const struct tile other = tile_view(from, 0, (rows - half) * cols);
        const struct tile* to = rows == 2 ? maxima : &f->halves;
        vector_binary(VECTOR_MAX, 1, half * cols, to, from, &other);
        rows = from == scores ? half : rows - half;
        from = to;
    }
}

/* y[h] = y[h] * v[h], of each row. */
static void scale_rows(const struct forward* f, const struct panel* p, const struct tile* v) {
    for (uint32_t i = 0; i < p->heads; ++i) {
        const struct tile y = panel_queries(&f->a, p, &f->ys[p->q_set], i), by = tile_view(v, 0, i * p->queries);
        vector_by_row(VECTOR_MUL, p->queries, f->a.shape.width, &y, &y, &by);
    }
}

/* The maxima so far become those with another block; decay = exp(old - new). */
static void raise_maxima(const struct forward* f, uint32_t cols, const struct tile* maxima) {
    vector_binary(VECTOR_MAX, 1, cols, &f->part, &f->part, maxima);
    vector_binary(VECTOR_SUB, 1, cols, &f->decay, maxima, &f->part);
    vector_unary(VECTOR_EXP, 1, cols, &f->decay, &f->decay, 0, 0);
    vector_binary(VECTOR_MAX, 1, cols, maxima, maxima, &f->part);
}

static void exponentials(const struct forward* f, const struct panel* p) {
    const uint32_t cols = panel_cols(p);
    const struct tile scores = attention_shaped(&f->a.scores[p->set], cols);
    const struct tile *maxima = &f->maxima[p->q_set], *sums = &f->sums[p->q_set];
    column_max(f, p->keys, cols, p->first ? maxima : &f->part, &scores);
    if (!p->first) raise_maxima(f, cols, maxima);
    const struct tile repeated = tile_repeat(maxima);
    vector_binary(VECTOR_SUB, p->keys, cols, &scores, &scores, &repeated);
    vector_unary(VECTOR_EXP, 1, p->keys * cols, &scores, &scores, 0, 0);
    vector_unary(VECTOR_COLUMN_SUM, p->keys, cols, p->first ? sums : &f->part, &scores, 0, 0);
    if (p->first) return;
    vector_binary(VECTOR_MUL, 1, cols, sums, sums, &f->decay);
    vector_binary(VECTOR_ADD, 1, cols, sums, sums, &f->part);
    scale_rows(f, p, &f->decay);
}

static void mix(const struct forward* f, const struct panel* p) {
    const uint32_t mode = MATRIX_TRANSPOSE_A | (p->first ? 0 : MATRIX_ACCUMULATE);
    for (uint32_t i = 0; i < p->heads; ++i) {
        const struct tile y = panel_queries(&f->a, p, &f->ys[p->q_set], i),
                          weights = panel_head(p, &f->a.scores[p->set], i),
                          values = panel_keys(&f->a, p, &f->a.vs[p->kv_set], i);
        matrix_multiply(&y, &weights, &values, 0, p->queries, f->a.shape.width, p->keys, mode);
    }
}

static void store(struct forward* f, const struct panel* p) {
    const struct attention_shape* s = &f->a.shape;
    const uint32_t cols = panel_cols(p), width = p->heads * s->width;
    const struct tile *sums = &f->sums[p->q_set], y = attention_shaped(&f->ys[p->q_set], width),
                      lse = attention_shaped(sums, p->queries);
    vector_unary(VECTOR_RECIPROCAL, 1, cols, &f->part, sums, 0, 0);
    scale_rows(f, p, &f->part);
    tile_store(&y, &f->y, p->sequence * s->context + p->query, p->head * s->width, p->queries, width);
    vector_unary(VECTOR_LOG, 1, cols, sums, sums, 0, 0);
    vector_binary(VECTOR_ADD, 1, cols, sums, sums, &f->maxima[p->q_set]);
    tile_store(&lse, &f->lse, p->sequence * s->kv_heads * s->group + p->head, p->query, p->heads, p->queries);
}

static void begin(struct attention* a, const struct panel* p) {
    if (p->first) panel_open_queries(a, p);
    if (p->loads) {
        const uint32_t keys = a->cut.keys < a->shape.context ? p->keys : a->cut.keys;
        panel_load_keys(a, p, keys, &a->ks[p->kv_set], &a->k);
        panel_load_keys(a, p, keys, &a->vs[p->kv_set], &a->v);
    }
    panel_multiply(a, p, &a->scores[p->set], &a->ks[p->kv_set], &a->qs[p->q_set], 0);
}

static void weigh(struct attention* a, const struct panel* p) {
    const struct forward* f = (struct forward*)a;
    panel_mask(a, p);
    exponentials(f, p);
    mix(f, p);
}

static void end(struct attention* a, const struct panel* p) {
    if (p->last) store((struct forward*)a, p);
}

/* All queries of some heads. */
static void run_heads(struct forward* f, struct panel p, uint32_t* kv_set, uint32_t* q_set) {
    const struct attention_cut* c = &f->a.cut;
    const uint32_t context = f->a.shape.context;
    for (uint32_t query = 0; query < context; query += c->queries) {
        *q_set = attention_next(*q_set, attention_q_sets(&f->a));
        for (uint32_t key = 0; key < context && panel_block(&f->a, &p, query, key); key += c->keys) {
            /* Where a panel has all keys, they stay for all queries of the heads that share them. */
            p.loads = c->keys < context || (query == 0 && p.head == p.kv_head * f->a.shape.group);
            if (p.loads) *kv_set = attention_next(*kv_set, c->sets);
            p.first = key == 0;
            p.last = f->a.shape.causal ? p.diagonal : key + p.keys == context;
            p.q_set = *q_set;
            p.kv_set = *kv_set;
            attention_add(&f->a, &p);
        }
    }
}

void kernel_attention(const struct image_op* op) {
    struct forward f;
    f.a.stages[0] = begin;
    f.a.stages[1] = weigh;
    f.a.stages[2] = end;
    attention_open(&f.a, op, 2, false);
    tensor_open(&f.y, 0);
    tensor_open(&f.lse, 1);
    take_tiles(&f);
    uint32_t kv_set = f.a.cut.sets - 1, q_set = attention_q_sets(&f.a) - 1;
    struct panel p;
    for (p.sequence = 0; p.sequence < f.a.shape.batch; ++p.sequence)
        for (uint32_t kv = 0; kv < f.a.shape.kv_heads; kv += f.a.cut.kv_heads)
            for (uint32_t head = 0; head < f.a.shape.group; head += f.a.cut.shared) {
                panel_heads(&f.a, &p, kv, head);
                run_heads(&f, p, &kv_set, &q_set);
            }
    attention_finish(&f.a);
}
