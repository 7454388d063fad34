/* SPDX-License-Identifier: Apache-2.0 */
/*
 * y = softmax(scale q k^T) v by heads, without a matrix of scores in DRAM. Where the keys come in several blocks, what
 * has been mixed is scaled down with the sums (online_softmax.h). In the end y is divided by its sum, and the logarithm
 * of the sum of exponentials is stored for the gradient. Source: Dao, FlashAttention-2, 2023, algorithm 1.
 */
#include "firmware/kernels/attention.h"
#include "firmware/kernels/kernels.h"
#include "firmware/kernels/online_softmax.h"

struct forward {
    struct attention a;
    struct tensor y, lse;
    struct tile ys[ATTENTION_STAGES];                             /* [queries, heads x width] */
    struct tile maxima[ATTENTION_STAGES], sums[ATTENTION_STAGES]; /* [heads x queries] */
    struct online_softmax softmax;
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
    online_softmax_tiles(&f->softmax, attention_rows(&f->a.shape, c), cols, attention_in_parts(&f->a.shape, c));
    attention_mask(&f->a);
}

/* y[h] = y[h] * v[h], of each row. */
static void scale_rows(const struct forward* f, const struct panel* p, const struct tile* v) {
    for (uint32_t i = 0; i < p->heads; ++i) {
        const struct tile y = panel_queries(&f->a, p, &f->ys[p->q_set], i), by = tile_view(v, 0, i * p->queries);
        vector_by_row(VECTOR_MUL, p->queries, f->a.shape.width, &y, &y, &by);
    }
}

static void exponentials(const struct forward* f, const struct panel* p) {
    const struct tile scores = attention_shaped(&f->a.scores[p->set], panel_cols(p));
    online_softmax_add(&f->softmax, p->keys, panel_cols(p), &scores, &f->maxima[p->q_set], &f->sums[p->q_set],
                       p->first);
    if (!p->first) scale_rows(f, p, &f->softmax.decay);
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
    vector_unary(VECTOR_RECIPROCAL, 1, cols, &f->softmax.part, sums, 0, 0);
    scale_rows(f, p, &f->softmax.part);
    tile_store(&y, &f->y, p->sequence * s->context + p->query, p->head * s->width, p->queries, width);
    online_softmax_log(cols, &f->maxima[p->q_set], sums);
    tile_store(&lse, &f->lse, p->sequence * s->kv_heads * s->group + p->head, p->query, p->heads, p->queries);
}

/* For all queries of the heads that share them. */
static bool all_keys_stay(const struct attention* a) { return a->cut.keys == a->shape.context; }

static void begin(struct attention* a, const struct panel* p) {
    if (p->first) panel_open_queries(a, p);
    if (p->loads) {
        const uint32_t keys = all_keys_stay(a) ? a->cut.keys : p->keys;
        panel_load_keys(a, p, keys, &a->ks[p->kv_set], &a->k);
        panel_load_keys(a, p, keys, &a->vs[p->kv_set], &a->v);
    }
    panel_multiply(a, p, &a->scores[p->set], &a->ks[p->kv_set], &a->qs[p->q_set], 0);
}

static void weigh(struct attention* a, const struct panel* p) {
    const struct forward* f = (struct forward*)a;
    const struct tile* scores = &a->scores[p->set];
    if (a->shape.capped) {
        panel_cap(a, p);
        vector_unary(VECTOR_AFFINE, 1, p->keys * panel_cols(p), scores, scores, -2 * a->cap, a->cap);
    }
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
    const bool stay = all_keys_stay(&f->a);
    for (uint32_t query = 0; query < context; query += c->queries) {
        *q_set = attention_next(*q_set, attention_q_sets(&f->a));
        const uint32_t first = attention_first_key(&f->a, query);
        uint32_t key = stay ? 0 : first - first % c->queries;
        for (; key < context && panel_block(&f->a, &p, query, key); key += c->keys) {
            p.loads = !stay || (query == 0 && p.head == p.kv_head * f->a.shape.group);
            if (p.loads) *kv_set = attention_next(*kv_set, c->sets);
            if (!stay) p.held = p.key;
            p.first = p.key == first;
            p.last = f->a.shape.causal ? p.diagonal : p.key + p.keys == context;
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
