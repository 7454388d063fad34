/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/attention_cut.h"

#include "firmware/kernels/attention.h"
#include "firmware/kernels/matmul_plan.h"
#include "firmware/kernels/online_softmax.h"

/*
 * Of the vector unit: cycles for a group of elements in all passes over a panel, and for a command on top, which waits
 * for what the matrix unit has asked the scratchpad for before.
 */
#define FORWARD_PASSES 10u
#define FORWARD_COMMAND_PASSES 4u /* where columns have commands of their own */
#define BACKWARD_PASSES 7u
#define FORWARD_CAP_PASSES 8u
#define BACKWARD_CAP_PASSES 17u
#define MASK_PASSES 3u
#define VECTOR_COMMAND_CYCLES 200u

/* Of the hart, a descriptor: 300 instructions. */
#define HART_COMMAND_CYCLES 450u

static uint64_t ceil_div(uint64_t value, uint64_t by) { return (value + by - 1) / by; }
static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

static uint32_t heads_of(const struct attention_cut* cut) { return cut->kv_heads * cut->shared; }

static uint64_t floats(uint64_t rows, uint64_t cols) { return tile_bytes(rows, cols, FORMAT_FP32); }

/* Keys that a block of queries sees before its own, at most. */
static uint32_t keys_before(const struct attention_shape* s, uint32_t queries) {
    return smaller(s->window - 1, s->context - queries);
}

uint32_t attention_rows(const struct attention_shape* s, const struct attention_cut* c) {
    return smaller(c->keys, keys_before(s, c->queries) + c->queries);
}

bool attention_in_parts(const struct attention_shape* s, const struct attention_cut* c) {
    return c->keys < s->context && (s->backward || c->keys < keys_before(s, c->queries) + c->queries);
}

/* A panel's keys come after queries, and are behind a window. */
static uint32_t masks_of(const struct attention_shape* s) { return s->causal + (s->window < s->context); }

/* What attention_tiles() and the kernels take. */
static uint64_t bytes_of(const struct attention_shape* s, const struct attention_cut* c) {
    const uint64_t cols = (uint64_t)heads_of(c) * c->queries, width = (uint64_t)heads_of(c) * s->width;
    const uint64_t kv_width = (uint64_t)c->kv_heads * s->width;
    const uint64_t ahead = c->sets == 1 ? 1 : ATTENTION_STAGES;
    const uint32_t rows = attention_rows(s, c);
    const bool in_parts = attention_in_parts(s, c);
    uint64_t bytes = c->sets * (floats(rows, cols) + 2 * tile_bytes(c->keys, kv_width, s->format));
    if (s->causal) bytes += masks_of(s) * floats(c->queries, cols) + floats(1, c->queries);
    if (s->backward)
        return bytes + c->sets * (floats(rows, cols) + 2 * floats(c->keys, kv_width)) +
               ahead * (4 * floats(c->queries, width) + 2 * floats(1, cols)) + floats(heads_of(c), width) +
               (in_parts ? floats(c->queries, width) : 0);
    return bytes + online_softmax_bytes(rows, (uint32_t)cols, in_parts) +
           ahead * (2 * floats(c->queries, width) + 2 * floats(1, cols));
}

/* Of all panels together. */
static uint64_t cost_of(const struct attention_shape* s, const struct attention_cut* c) {
    const uint64_t before = keys_before(s, c->queries), most = before + c->queries, twice = 2 * (uint64_t)s->context;
    const uint64_t visible = s->causal ? most * (twice - before) / twice : s->context; /* by a block, on average */
    const uint64_t key_blocks = ceil_div(visible, c->keys);
    const uint32_t heads = heads_of(c), keys = (uint32_t)ceil_div(visible, key_blocks);
    const uint64_t lanes = runtime.vector_lanes, cols = (uint64_t)heads * c->queries;
    const uint64_t panels = ceil_div(s->kv_heads, c->kv_heads) * ceil_div(s->group, c->shared) *
                            ceil_div(s->context, c->queries) * key_blocks * s->batch;
    const uint64_t scores = matmul_command_cycles(keys, c->queries, s->width);
    const uint64_t mix = matmul_command_cycles(c->queries, s->width, keys);
    uint64_t matrix = scores + mix, commands = 20 + 3 * heads, levels = 0;
    const uint32_t passes = online_softmax_by_command() ? FORWARD_COMMAND_PASSES : FORWARD_PASSES;
    uint64_t vector = (passes + (s->capped ? FORWARD_CAP_PASSES : 0)) * keys * ceil_div(cols, lanes) +
                      heads * c->queries * ceil_div(s->width, lanes) * 2;
    if (s->backward) {
        matrix = 2 * scores + 2 * matmul_command_cycles(keys, s->width, c->queries) + mix;
        vector = (BACKWARD_PASSES + (s->capped ? BACKWARD_CAP_PASSES : 0)) * keys * cols / lanes;
        commands = 20 + 5 * heads;
    } else if (!online_softmax_by_command()) {
        while (keys >> levels > 1)
            ++levels;
    }
    vector += MASK_PASSES * masks_of(s) * c->queries * ceil_div(cols, lanes);
    vector += (8 + levels) * VECTOR_COMMAND_CYCLES;
    matrix *= heads;
    const uint64_t loads =
        c->keys < s->context
            ? (s->backward ? 3 * c->queries * (uint64_t)heads : 2 * keys * (uint64_t)c->kv_heads) * s->width
            : 0;
    const uint64_t hart = runtime.commands_are_cheap ? 0 : (commands + levels) * HART_COMMAND_CYCLES;
    const uint64_t memory = loads * 4 * 1024 / runtime.memory_bytes_per_1024;
    const uint64_t engines = c->sets == 1 ? matrix + vector : larger(matrix, vector);
    return panels * larger(larger(engines, hart), memory) + matrix + vector;
}

/* The largest power of two below it; 0 after 1. */
static uint32_t lesser(uint32_t size) {
    uint32_t power = size > 1;
    while (power && power * 2 < size)
        power *= 2;
    return power;
}

struct search {
    const struct attention_shape* shape;
    uint32_t room;
    struct attention_cut best;
    uint64_t best_cost;
};

/* Blocks of keys, as large as those of queries, after so many did not fit: those that a window needs, or half. */
static uint32_t fewer(const struct attention_shape* shape, uint32_t queries, uint32_t blocks) {
    const uint32_t enough = (keys_before(shape, queries) + queries - 1) / queries + 1;
    return !shape->backward && blocks > enough ? enough : blocks / 2;
}

/* As many keys as fit. */
static void consider(struct search* search, struct attention_cut cut) {
    const struct attention_shape* shape = search->shape;
    uint32_t blocks = (shape->context + cut.queries - 1) / cut.queries;
    cut.keys = shape->context;
    while (blocks && bytes_of(shape, &cut) > search->room) {
        blocks = fewer(shape, cut.queries, blocks);
        cut.keys = blocks * cut.queries;
    }
    if (!blocks) return;
    const uint64_t cost = cost_of(shape, &cut);
    if (search->best.queries && cost >= search->best_cost) return;
    search->best = cut;
    search->best_cost = cost;
}

static struct attention_cut find(const struct attention_shape* shape, uint32_t room) {
    struct search search = {.shape = shape, .room = room};
    struct attention_cut cut = {.kv_heads = shape->kv_heads, .shared = shape->group};
    while (cut.shared) {
        for (cut.queries = shape->context; cut.queries; cut.queries = lesser(cut.queries))
            for (cut.sets = 1; cut.sets <= 2; ++cut.sets)
                consider(&search, cut);
        if (cut.kv_heads > 1)
            cut.kv_heads = (cut.kv_heads + 1) / 2;
        else
            cut.shared = cut.shared > 1 ? (cut.shared + 1) / 2 : 0;
    }
    return search.best;
}

static bool same(const struct attention_shape* a, const struct attention_shape* b) {
    return a->batch == b->batch && a->context == b->context && a->kv_heads == b->kv_heads && a->group == b->group &&
           a->width == b->width && a->window == b->window && a->format == b->format && a->causal == b->causal &&
           a->capped == b->capped && a->backward == b->backward;
}

/* Places for the forward operator and for the other, without a window and with one. */
static struct remembered {
    struct attention_shape shape;
    uint32_t room, rows, cols, lanes, features;
    bool cheap;
    struct attention_cut cut;
} remembered[2][2];

const struct attention_cut* attention_cut(const struct attention_shape* shape, uint32_t room) {
    struct remembered* const place = &remembered[shape->backward][shape->window < shape->context];
    if (same(&place->shape, shape) && place->room == room && place->rows == runtime.matrix_rows &&
        place->cols == runtime.matrix_cols && place->lanes == runtime.vector_lanes &&
        place->features == runtime.vector_features && place->cheap == runtime.commands_are_cheap)
        return &place->cut;
    place->shape = *shape;
    place->room = room;
    place->rows = runtime.matrix_rows;
    place->cols = runtime.matrix_cols;
    place->lanes = runtime.vector_lanes;
    place->features = runtime.vector_features;
    place->cheap = runtime.commands_are_cheap;
    place->cut = find(shape, room);
    return &place->cut;
}
