/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/matmul_plan.h"

#include "firmware/runtime/tile.h"

#define LAUNCH_CYCLES 48u  /* of an engine, from the end of a command until operands of the next one come */
#define ROW_ELEMENTS 64u   /* of DRAM traffic that a row of a tile costs on top */
#define REMEMBERED 64u     /* as many as 6 bits tell apart */
#define EPILOGUE_CYCLES 8u /* of the vector unit, a group of elements that goes with C */
#define TRIES 3u           /* sizes of a tile or block below the largest that fits */

static uint64_t ceil_div(uint64_t value, uint64_t by) { return (value + by - 1) / by; }
static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }
static uint64_t beyond(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

/* A `parts`-th of it, rounded up to a multiple of `unit`. */
static uint32_t part(uint32_t size, uint32_t parts, uint32_t unit) {
    const uint64_t rounded = ceil_div(ceil_div(size, parts), unit) * unit;
    return rounded < size ? (uint32_t)rounded : size;
}

/* Half of it, a multiple of `unit` while that is possible; 0 after 1. */
static uint32_t halve(uint32_t size, uint32_t unit) {
    if (size <= unit) return size / 2;
    const uint32_t half = part(size, 2, unit);
    return half < size ? half : unit;
}

/* Pieces of at most `unit` that a dimension of `size` falls into when it is cut into tiles of `tile`. */
static uint64_t pieces(uint32_t size, uint32_t tile, uint32_t unit) {
    return size / tile * ceil_div(tile, unit) + ceil_div(size % tile, unit);
}

/* What is counted of a plan more than once. */
struct counts {
    uint64_t blocks, slices;   /* in all */
    uint64_t tiles_m, tiles_n; /* of a block */
};

static struct counts count(const struct matmul_shape* shape, const struct matmul_plan* plan) {
    return (struct counts){.blocks = ceil_div(shape->m, plan->block_m) * ceil_div(shape->n, plan->block_n),
                           .slices = ceil_div(shape->k, plan->k),
                           .tiles_m = ceil_div(plan->block_m, plan->m),
                           .tiles_n = ceil_div(plan->block_n, plan->n)};
}

static void set_buffers(const struct matmul_shape* shape, struct matmul_plan* plan, const struct counts* is) {
    const bool several = is->blocks > 1 || shape->repeated, again = several || is->slices > 1;
    const uint32_t a = (uint32_t)is->tiles_m, b = (uint32_t)is->tiles_n;
    plan->a_tiles = plan->a_stays ? a << again : a > 1 || again ? 2 : 1;
    plan->b_tiles = plan->a_stays ? (b > 1 || again ? 2 : 1) : b << again;
    if (is->slices > 1)
        plan->c_tiles = a * b == 1 && several ? 2 : a * b;
    else
        plan->c_tiles = a * b > 1 || several ? 2 : 1;
    plan->bias_tiles = plan->a_stays ? 2 : b << several;
    plan->beside_tiles = shape->beside * (a * b > 1 || several ? 2 : 1);
}

static bool fits(const struct matmul_shape* shape, const struct matmul_plan* plan, const struct counts* is,
                 uint32_t room) {
    if ((plan->a_stays ? is->tiles_m : is->tiles_n) > MATMUL_STAYING) return false;
    if (is->slices > 1 && is->tiles_m * is->tiles_n > MATMUL_SUMS) return false;
    if ((uint64_t)plan->a_tiles + plan->b_tiles + plan->c_tiles + plan->bias_tiles + plan->beside_tiles > RUNTIME_TILES)
        return false;
    return plan->a_tiles * tile_bytes(plan->m, plan->k, shape->format) +
               plan->b_tiles * tile_bytes(plan->k, plan->n, shape->format) +
               (plan->c_tiles + plan->beside_tiles) * tile_bytes(plan->m, plan->n, FORMAT_FP32) +
               plan->bias_tiles * tile_bytes(1, plan->n, FORMAT_FP32) <=
           room;
}

/* How the array folds a product: `rows` and `cols` of what it keeps, or sums up at once, and what streams. */
struct folds {
    uint64_t tile, all; /* number of them */
    uint32_t streamed, streamed_of_all;
    uint64_t way;                /* into the array and out of it */
    uint64_t a_passes, b_passes; /* how often each operand of a tile crosses the array's port */
};

static struct folds folds_of(const struct matmul_shape* s, const struct matmul_plan* p) {
    const uint32_t R = runtime.matrix_rows, C = runtime.matrix_cols;
#define FOLDS(row, col, stream, cycles, a_passes, b_passes)                                                            \
    (struct folds) {                                                                                                   \
        ceil_div(p->row, R) * ceil_div(p->col, C), pieces(s->row, p->row, R) * pieces(s->col, p->col, C), p->stream,   \
            s->stream, cycles, a_passes, b_passes                                                                      \
    }
    switch (runtime.matrix_dataflow) {
    case INFO_DATAFLOW_WEIGHT:
        return FOLDS(k, n, m, 2 * R + C, ceil_div(p->n, C), 1);
    case INFO_DATAFLOW_INPUT:
        return FOLDS(k, m, n, 2 * R + C, 1, ceil_div(p->m, C));
    case INFO_DATAFLOW_DOT:
        return FOLDS(m, k, n, 0, 1, ceil_div(p->m, R));
    default:
        return FOLDS(m, n, k, R + C, ceil_div(p->n, C), ceil_div(p->m, R));
    }
#undef FOLDS
}

/* Cycles of a command on whole tiles, and of all of them together. */
struct array_time {
    uint64_t command, all;
};

static struct array_time array_time(const struct matmul_shape* shape, const struct matmul_plan* plan, bool adds) {
    const struct folds folds = folds_of(shape, plan);
    const uint64_t rows = runtime.matrix_rows, port = runtime.matrix_port_bytes;
    const uint64_t results = (uint64_t)plan->m * plan->n * 4;
    const bool overlap = runtime.matrix_overlaps || folds.way == 0;
    const uint64_t array =
        folds.tile * (overlap ? larger(folds.streamed, folds.way ? rows : 0) : folds.streamed + folds.way);
    const uint64_t operands = tile_bytes(plan->m, plan->k, shape->format) * folds.a_passes +
                              tile_bytes(plan->k, plan->n, shape->format) * folds.b_passes;
    const uint64_t last = overlap && plan->m > rows ? rows * plan->n * 4 : results;
    const uint64_t command = larger(array, (operands + (adds ? results : 0)) / port) + (overlap ? folds.way : 0) +
                             last / port + LAUNCH_CYCLES;
    return (struct array_time){command, command * folds.all / folds.tile * folds.streamed_of_all / folds.streamed};
}

uint64_t matmul_command_cycles(uint32_t m, uint32_t n, uint32_t k) {
    const struct matmul_shape shape = {.m = m, .n = n, .k = k, .format = FORMAT_FP32};
    const struct matmul_plan plan = {.m = m, .n = n, .k = k};
    return array_time(&shape, &plan, false).command;
}

static uint64_t load_cycles(uint64_t elements) { return elements * 4 * 1024 / runtime.memory_bytes_per_1024; }

/* Elements of DRAM traffic for all of [rows, cols], in tiles of so many columns. */
static uint64_t elements(uint64_t rows, uint64_t cols, uint64_t tile_cols) {
    return rows * (cols + (tile_cols < cols ? ceil_div(cols, tile_cols) * ROW_ELEMENTS : 0));
}

static uint64_t cost(const struct matmul_shape* shape, const struct matmul_plan* plan, const struct counts* is) {
    const uint64_t tiles = is->tiles_m * is->tiles_n, commands = is->blocks * is->slices * tiles;
    const struct array_time array = array_time(shape, plan, is->slices > 1 || shape->accumulate);
    const uint64_t a =
        shape->a_transposed ? elements(shape->k, shape->m, plan->m) : elements(shape->m, shape->k, plan->k);
    const uint64_t b =
        shape->b_transposed ? elements(shape->n, shape->k, plan->k) : elements(shape->k, shape->n, plan->n);
    const uint64_t c = elements(shape->m, shape->n, plan->n);
    const uint64_t moved = 1 + shape->accumulate + shape->beside; /* of C's size */
    const uint64_t traffic = a * ceil_div(shape->n, plan->block_n) + b * ceil_div(shape->m, plan->block_m) + c * moved;
    const uint64_t descriptors = commands + is->blocks * (is->slices * (is->tiles_m + is->tiles_n) +
                                                          tiles * (moved + shape->beside /* the vector's */));
    const uint64_t vector = shape->beside * EPILOGUE_CYCLES * (uint64_t)shape->m * shape->n / runtime.vector_lanes;
    const uint64_t a_tile = (uint64_t)plan->m * plan->k, b_tile = (uint64_t)plan->k * plan->n;
    const uint64_t c_tile = (uint64_t)plan->m * plan->n;
    /* While the first streamed tile meets those that stay, they are still arriving. */
    const uint64_t staying = plan->a_stays ? a_tile : b_tile, more = (plan->a_stays ? is->tiles_m : is->tiles_n) - 1;
    const uint64_t first = load_cycles(a_tile + b_tile) + beyond(load_cycles(more * staying), more * array.command);
    /* All tiles of a block whose k is cut leave during its last slice. */
    const uint64_t leaving = is->slices > 1 ? beyond(load_cycles((tiles - 1) * c_tile), tiles * array.command) : 0;
    return larger(larger(larger(array.all, vector), load_cycles(traffic) * 16 / 15),
                  descriptors * MATMUL_COMMAND_CYCLES) +
           first + leaving + load_cycles(c_tile) * (1 + shape->beside);
}

/* The search. `a_stays` and k are given; the operand that stays is cut into blocks, and these into tiles. */
struct search {
    const struct matmul_shape* shape;
    uint32_t room;
    struct matmul_plan best; /* m = 0: none */
    uint64_t best_cost;
};

static bool consider(struct search* search, struct matmul_plan plan) {
    const struct counts is = count(search->shape, &plan);
    set_buffers(search->shape, &plan, &is);
    if (!fits(search->shape, &plan, &is, search->room)) return false;
    const uint64_t estimate = cost(search->shape, &plan, &is);
    if (search->best.m && estimate >= search->best_cost) return true;
    search->best = plan;
    search->best_cost = estimate;
    return true;
}

/* Tiles of a block: some of the operand that stays, and halvings of the streamed one. Whether any fits. */
static bool cut_block(struct search* search, struct matmul_plan plan) {
    const uint32_t R = runtime.matrix_rows, C = runtime.matrix_cols;
    bool any = false;
    for (uint32_t parts = 1; parts <= MATMUL_STAYING; parts *= 2) {
        uint32_t* const staying = plan.a_stays ? &plan.m : &plan.n;
        uint32_t* const streamed = plan.a_stays ? &plan.n : &plan.m;
        const uint32_t unit = plan.a_stays ? C : R;
        *staying = plan.a_stays ? part(plan.block_m, parts, R) : part(plan.block_n, parts, C);
        uint32_t tries = 0;
        for (*streamed = plan.a_stays ? plan.block_n : plan.block_m; *streamed && tries <= TRIES;
             *streamed = halve(*streamed, unit)) {
            if (consider(search, plan))
                ++tries;
            else if (tries)
                break; /* too many tiles */
        }
        any |= tries > 0;
    }
    return any;
}

/* Blocks that reach all along the streamed operand; if k is cut, shorter ones too. */
static bool cut_slice(struct search* search, struct matmul_plan plan, uint32_t k) {
    const struct matmul_shape* shape = search->shape;
    const uint32_t R = runtime.matrix_rows, C = runtime.matrix_cols;
    uint32_t tries = 0;
    plan.k = k;
    for (uint32_t m = shape->m; m; m = plan.a_stays || k < shape->k ? halve(m, R) : 0)
        for (uint32_t n = shape->n; n; n = !plan.a_stays || k < shape->k ? halve(n, C) : 0) {
            plan.block_m = m;
            plan.block_n = n;
            if (!cut_block(search, plan)) continue;
            if (++tries == TRIES) return true;
            if (k < shape->k) break; /* shorter blocks of the same rows only load more */
        }
    return tries > 0;
}

/* What room is left goes to the streamed operand, whose loads then go on while stores have the memory. */
static void prefetch_deeper(struct search* search) {
    struct matmul_plan* const plan = &search->best;
    uint32_t* const streamed = plan->a_stays ? &plan->b_tiles : &plan->a_tiles;
    if (!plan->m || *streamed == 1) return;
    const struct counts is = count(search->shape, plan);
    do
        ++*streamed;
    while (*streamed <= MATMUL_STREAMED && fits(search->shape, plan, &is, search->room));
    --*streamed;
}

static struct matmul_plan find(const struct matmul_shape* shape, uint32_t room) {
    struct search search = {.shape = shape, .room = room};
    const uint32_t depth = runtime.matrix_rows + runtime.matrix_cols;
    for (unsigned order = 0; order < 2; ++order) {
        const struct matmul_plan plan = {.a_stays = order};
        for (uint32_t k = shape->k; k; k = halve(k, depth))
            if (cut_slice(&search, plan, k) && k <= depth) break; /* shorter slices only load and add more */
    }
    prefetch_deeper(&search);
    return search.best;
}

static bool same(const struct matmul_shape* a, const struct matmul_shape* b) {
    return a->m == b->m && a->n == b->n && a->k == b->k && a->format == b->format &&
           a->a_transposed == b->a_transposed && a->b_transposed == b->b_transposed && a->repeated == b->repeated &&
           a->accumulate == b->accumulate && a->beside == b->beside;
}

/* One place for each shape; the last one to come there stays. */
static struct remembered {
    struct matmul_shape shape;
    uint32_t room, rows, cols;
    struct matmul_plan plan;
} remembered[REMEMBERED];

static struct remembered* place_of(const struct matmul_shape* shape) {
    const uint32_t mixed = (shape->m * 31 + shape->n) * 31 + shape->k + shape->repeated * 7 + shape->accumulate * 13 +
                           shape->a_transposed * 17 + shape->b_transposed * 19 + shape->beside * 23;
    return &remembered[(mixed * 0x9e3779b1u) >> 26];
}

const struct matmul_plan* matmul_plan(const struct matmul_shape* shape, uint32_t room) {
    struct remembered* const place = place_of(shape);
    if (same(&place->shape, shape) && place->room == room && place->rows == runtime.matrix_rows &&
        place->cols == runtime.matrix_cols)
        return &place->plan;
    place->shape = *shape;
    place->room = room;
    place->rows = runtime.matrix_rows;
    place->cols = runtime.matrix_cols;
    place->plan = find(shape, room);
    return &place->plan;
}
