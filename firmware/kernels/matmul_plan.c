/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/kernels/matmul_plan.h"

#include "firmware/runtime/tile.h"

#define COMMAND_CYCLES 128u /* of the hart, a descriptor */
#define REMEMBERED 64u      /* as many as 6 bits tell apart */
#define SMALLER_TRIES 3u    /* halvings of n below the largest that fits */

static uint64_t ceil_div(uint64_t value, uint64_t by) { return (value + by - 1) / by; }

/* Half of it, a multiple of `unit` while that is possible; 0 after 1. */
static uint32_t halve(uint32_t size, uint32_t unit) {
    if (size <= unit) return size / 2;
    const uint64_t half = ceil_div(ceil_div(size, 2), unit) * unit;
    return half < size ? (uint32_t)half : unit;
}

/* Blocks of the array along a dimension of `size` cut into tiles of `tile`. */
static uint64_t array_blocks(uint32_t size, uint32_t tile, uint32_t unit) {
    return size / tile * ceil_div(tile, unit) + ceil_div(size % tile, unit);
}

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

static void set_buffers(const struct matmul_shape* shape, struct matmul_plan* plan) {
    const bool many_m = plan->m < shape->m, many_n = plan->n < shape->n, many_k = plan->k < shape->k;
    plan->a_sets = many_m || many_k || shape->repeated || (many_n && plan->columns_outer) ? 2 : 1;
    plan->b_sets = many_n || many_k || shape->repeated || (many_m && !plan->columns_outer) ? 2 : 1;
    plan->c_sets = many_m || many_n || shape->repeated ? 2 : 1;
}

static bool fits(const struct matmul_shape* shape, const struct matmul_plan* plan, uint32_t room) {
    return plan->a_sets * tile_bytes(plan->m, plan->k, shape->format) +
               plan->b_sets * tile_bytes(plan->k, plan->n, shape->format) +
               plan->c_sets * tile_bytes(plan->m, plan->n, FORMAT_FP32) + 2 * tile_bytes(1, plan->n, FORMAT_FP32) <=
           room;
}

static uint64_t cost(const struct matmul_shape* shape, const struct matmul_plan* plan) {
    const uint64_t rows = runtime.matrix_rows, cols = runtime.matrix_cols;
    const uint64_t tiles_m = ceil_div(shape->m, plan->m), tiles_n = ceil_div(shape->n, plan->n);
    const uint64_t tiles_k = ceil_div(shape->k, plan->k);
    const uint64_t array = array_blocks(shape->m, plan->m, (uint32_t)rows) *
                           array_blocks(shape->n, plan->n, (uint32_t)cols) * (shape->k + tiles_k * (rows + cols));
    const uint64_t a = (uint64_t)shape->m * shape->k, b = (uint64_t)shape->k * shape->n;
    const uint64_t c = (uint64_t)shape->m * shape->n;
    const bool keep = tiles_k == 1;
    const uint64_t traffic = 4 * (a * (keep && !plan->columns_outer ? 1 : tiles_n) +
                                  b * (keep && plan->columns_outer ? 1 : tiles_m) + c * (shape->accumulate ? 2 : 1));
    const uint64_t commands = tiles_m * tiles_n * (1 + shape->accumulate + 3 * tiles_k);
    const uint64_t exposed =
        4 * ((uint64_t)plan->m * plan->k + (uint64_t)plan->k * plan->n + (uint64_t)plan->m * plan->n);
    const uint64_t bandwidth = larger(2, (rows + cols) / 2);
    return larger(larger(array, traffic / bandwidth), commands * COMMAND_CYCLES) + exposed / bandwidth;
}

static void try_orders(const struct matmul_shape* shape, struct matmul_plan candidate, uint32_t room,
                       struct matmul_plan* best, uint64_t* best_cost) {
    for (unsigned order = 0; order < 2; ++order) {
        candidate.columns_outer = order == 0;
        set_buffers(shape, &candidate);
        if (!fits(shape, &candidate, room)) continue;
        const uint64_t estimate = cost(shape, &candidate);
        if (best->m && estimate >= *best_cost) continue;
        *best = candidate;
        *best_cost = estimate;
    }
}

static struct matmul_plan search(const struct matmul_shape* shape, uint32_t room) {
    struct matmul_plan best = {0};
    uint64_t best_cost = 0;
    const uint32_t depth = runtime.matrix_rows + runtime.matrix_cols;
    for (uint32_t k = shape->k; k; k = halve(k, depth))
        for (uint32_t m = shape->m; m; m = halve(m, runtime.matrix_rows)) {
            uint32_t tries = 0;
            for (uint32_t n = shape->n; n && tries < SMALLER_TRIES; n = halve(n, runtime.matrix_cols)) {
                struct matmul_plan candidate = {.m = m, .n = n, .k = k, .a_sets = 1, .b_sets = 1, .c_sets = 1};
                if (!fits(shape, &candidate, room)) continue;
                try_orders(shape, candidate, room, &best, &best_cost);
                ++tries;
            }
        }
    return best;
}

static bool same(const struct matmul_shape* a, const struct matmul_shape* b) {
    return a->m == b->m && a->n == b->n && a->k == b->k && a->format == b->format && a->repeated == b->repeated &&
           a->accumulate == b->accumulate;
}

/* One place for each shape; the last one to come there stays. */
static struct remembered {
    struct matmul_shape shape;
    uint32_t room, rows, cols;
    struct matmul_plan plan;
} remembered[REMEMBERED];

static struct remembered* place_of(const struct matmul_shape* shape) {
    const uint32_t mixed = (shape->m * 31 + shape->n) * 31 + shape->k + shape->repeated * 7 + shape->accumulate * 13;
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
    place->plan = search(shape, room);
    return &place->plan;
}
