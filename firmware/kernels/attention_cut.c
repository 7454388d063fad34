/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/attention_cut.h"

#include "firmware/kernels/attention.h"
#include "firmware/kernels/matmul_plan.h"
#include "firmware/kernels/online_softmax.h"

/* Of the vector unit: cycles for a group of elements in all passes over a panel, and for a command on top. */
#define FORWARD_PASSES 10u
#define BACKWARD_PASSES 7u
#define MASK_PASSES 3u
#define VECTOR_COMMAND_CYCLES 40u

/* Of the hart, a descriptor: 300 instructions. */
#define HART_COMMAND_CYCLES 450u

static uint64_t ceil_div(uint64_t value, uint64_t by) { return (value + by - 1) / by; }
static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

static uint32_t heads_of(const struct attention_cut* cut) { return cut->kv_heads * cut->shared; }

static uint64_t floats(uint64_t rows, uint64_t cols) { return tile_bytes(rows, cols, FORMAT_FP32); }

/* What attention_tiles() and the kernels take. */
static uint64_t bytes_of(const struct attention_shape* s, const struct attention_cut* c) {
    const uint64_t cols = (uint64_t)heads_of(c) * c->queries, width = (uint64_t)heads_of(c) * s->width;
    const uint64_t kv_width = (uint64_t)c->kv_heads * s->width;
    const uint64_t ahead = c->sets == 1 ? 1 : ATTENTION_STAGES;
    const bool several = c->keys < s->context;
    uint64_t bytes = c->sets * (floats(c->keys, cols) + 2 * tile_bytes(c->keys, kv_width, s->format));
    if (s->causal) bytes += floats(c->queries, cols) + floats(1, c->queries);
    if (s->backward)
        return bytes + c->sets * (floats(c->keys, cols) + 2 * floats(c->keys, kv_width)) +
               ahead * (4 * floats(c->queries, width) + 2 * floats(1, cols)) + floats(heads_of(c), width) +
               (several ? floats(c->queries, width) : 0);
    return bytes + online_softmax_bytes(c->keys, (uint32_t)cols, several) +
           ahead * (2 * floats(c->queries, width) + 2 * floats(1, cols));
}

/* Of all panels together. */
static uint64_t cost_of(const struct attention_shape* s, const struct attention_cut* c) {
    const uint64_t visible = s->causal ? (s->context + c->queries) / 2 : s->context;
    const uint64_t key_blocks = ceil_div(visible, c->keys);
    const uint32_t heads = heads_of(c), keys = (uint32_t)ceil_div(visible, key_blocks);
    const uint64_t lanes = runtime.vector_lanes, cols = (uint64_t)heads * c->queries;
    const uint64_t panels = ceil_div(s->kv_heads, c->kv_heads) * ceil_div(s->group, c->shared) *
                            ceil_div(s->context, c->queries) * key_blocks * s->batch;
    const uint64_t scores = matmul_command_cycles(keys, c->queries, s->width);
    const uint64_t mix = matmul_command_cycles(c->queries, s->width, keys);
    uint64_t matrix = scores + mix, commands = 20 + 3 * heads, levels = 0;
    uint64_t vector =
        FORWARD_PASSES * keys * ceil_div(cols, lanes) + heads * c->queries * ceil_div(s->width, lanes) * 2;
    if (s->backward) {
        matrix = 2 * scores + 2 * matmul_command_cycles(keys, s->width, c->queries) + mix;
        vector = BACKWARD_PASSES * keys * cols / lanes;
        commands = 20 + 5 * heads;
    } else {
        while (keys >> levels > 1)
            ++levels;
    }
    if (s->causal) vector += MASK_PASSES * c->queries * ceil_div(cols, lanes);
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

/* As many keys as fit. */
static void consider(struct search* search, struct attention_cut cut) {
    const uint32_t context = search->shape->context;
    uint32_t blocks = (context + cut.queries - 1) / cut.queries;
    cut.keys = context;
    while (blocks && bytes_of(search->shape, &cut) > search->room) {
        blocks = blocks > 1 ? blocks / 2 : 0;
        cut.keys = blocks * cut.queries;
    }
    if (!blocks) return;
    const uint64_t cost = cost_of(search->shape, &cut);
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
           a->width == b->width && a->format == b->format && a->causal == b->causal && a->backward == b->backward;
}

/* One place for the forward operator, one for the other. */
static struct remembered {
    struct attention_shape shape;
    uint32_t room, rows, cols, lanes;
    bool cheap;
    struct attention_cut cut;
} remembered[2];

const struct attention_cut* attention_cut(const struct attention_shape* shape, uint32_t room) {
    struct remembered* const place = &remembered[shape->backward];
    if (same(&place->shape, shape) && place->room == room && place->rows == runtime.matrix_rows &&
        place->cols == runtime.matrix_cols && place->lanes == runtime.vector_lanes &&
        place->cheap == runtime.commands_are_cheap)
        return &place->cut;
    place->shape = *shape;
    place->room = room;
    place->rows = runtime.matrix_rows;
    place->cols = runtime.matrix_cols;
    place->lanes = runtime.vector_lanes;
    place->cheap = runtime.commands_are_cheap;
    place->cut = find(shape, room);
    return &place->cut;
}
