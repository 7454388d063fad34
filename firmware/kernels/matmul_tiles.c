/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A product in tiles, as matmul_plan.h says. A tile that is finished goes through the epilogue, if there is one, in the
 * vector unit, while the array has the next one.
 */
#include <stddef.h>

#include "firmware/hal/fail.h"
#include "firmware/kernels/activation.h"
#include "firmware/kernels/blocks.h"
#include "firmware/kernels/matmul_plan.h"
#include "firmware/kernels/product.h"

#define RING_TILES 16u

/* Tiles of one operand in the scratchpad, in turn. */
struct ring {
    struct tile tile[RING_TILES];
    uint32_t count, next;
};

struct tiling {
    struct matmul_plan plan;
    struct ring a, b, c, bias, beside;
    /* The tiles at hand: of the operand that stays and of biases by number, of the streamed one only the first is used;
     * of C all of a block if k is cut, else only the first. */
    const struct tile *as[MATMUL_STAYING], *bs[MATMUL_STAYING], *biases[RING_TILES], *cs[MATMUL_SUMS];
};

static void open_ring(struct ring* ring, const struct side* side, uint32_t rows, uint32_t cols, uint32_t count) {
    ring->count = count;
    ring->next = 0;
    for (uint32_t i = 0; i < count; ++i)
        ring->tile[i] =
            side->transposed ? tile_allocate(cols, rows, side->format) : tile_allocate(rows, cols, side->format);
}

static const struct tile* next_of(struct ring* ring) {
    const struct tile* tile = &ring->tile[ring->next];
    ring->next = ring->next + 1 == ring->count ? 0 : ring->next + 1;
    return tile;
}

/* All tiles of a product come through one channel, in the order in which they are needed: side by side, those that are
 * needed first would share the bandwidth with the others. It is not the channel that fetches operators (op_table.c), if
 * there is another one. `row` and `col` count in op(side). */
static const struct tile* load_tile(struct ring* ring, struct side* side, uint32_t row, uint32_t col, uint32_t rows,
                                    uint32_t cols) {
    const struct tile* tile = next_of(ring);
    const uint64_t channel = runtime.stream.load_queue[runtime.stream.load_queues - 1];
    if (side->transposed)
        tile_load_through(channel, tile, &side->tensor, col, row, cols, rows);
    else
        tile_load_through(channel, tile, &side->tensor, row, col, rows, cols);
    return tile;
}

static void open_tiling(struct tiling* t, struct product* p) {
    const struct matmul_shape shape = {.m = p->m,
                                       .n = p->n,
                                       .k = p->k,
                                       .format = p->a.format,
                                       .a_transposed = p->a.transposed,
                                       .b_transposed = p->b.transposed,
                                       .repeated = p->outer_count > 1 || p->inner_count > 1,
                                       .accumulate = p->accumulate,
                                       .beside = p->epilogue ? p->epilogue->has_x + p->epilogue->has_y : 0};
    t->plan = *matmul_plan(&shape, tile_room());
    const struct matmul_plan* plan = &t->plan;
    if (plan->m == 0)
        hal_fail(EXIT_SHAPE, "op %u (matmul): the scratchpad is too small, %u bytes for an operator", runtime.op_number,
                 tile_room());
    /* A tile that is finished at once is rounded by the array, not by the DMA; the plan has room for fp32. */
    if (plan->k == p->k && !p->accumulate && !shape.beside) p->c.format = p->c.tensor.format;
    open_ring(&t->a, &p->a, plan->m, plan->k, plan->a_tiles);
    open_ring(&t->b, &p->b, plan->k, plan->n, plan->b_tiles);
    open_ring(&t->c, &p->c, plan->m, plan->n, plan->c_tiles);
    open_ring(&t->beside, &p->c, plan->m, plan->n, plan->beside_tiles);
    t->bias.count = 0;
    if (!p->has_bias) return;
    const struct side row = {.format = FORMAT_FP32};
    open_ring(&t->bias, &row, 1, plan->n, plan->bias_tiles);
}

/* A block of C. */
struct block {
    uint32_t m0, n0, m, n;
    uint32_t tiles_m, tiles_n;
};

/* The part [m, n] of C, and of what goes with it, from [m0, n0] on. */
struct part {
    uint32_t m0, n0, m, n;
};

static const struct tile* load_slopes(struct tiling* t, struct product* p, const struct part* part) {
    if (!p->epilogue || !p->epilogue->has_x) return NULL;
    const struct tile* tile = next_of(&t->beside);
    tile_load(tile, &p->epilogue->x, part->m0, part->n0, part->m, part->n);
    return tile;
}

static void finish(struct tiling* t, struct product* p, const struct part* part, const struct tile* c,
                   const struct tile* x) {
    struct epilogue* const epilogue = p->epilogue;
    if (x) activation_slope_tile(epilogue->activation, part->m, part->n, c, x);
    tile_store(c, &p->c.tensor, part->m0, part->n0, part->m, part->n);
    if (!epilogue || !epilogue->has_y) return;
    const struct tile* y = next_of(&t->beside);
    activate_tile(epilogue->activation, part->m, part->n, y, c);
    tile_store(y, &epilogue->y, part->m0, part->n0, part->m, part->n);
}

/* Tile [i, j] of a block, for one slice of k. What it needs and is not at hand is loaded. */
static void multiply_tile(struct tiling* t, struct product* p, const struct block* block, uint32_t i, uint32_t j,
                          uint32_t k0) {
    const struct matmul_plan* plan = &t->plan;
    const uint32_t m0 = block->m0 + i * plan->m, n0 = block->n0 + j * plan->n;
    const uint32_t m = smaller(plan->m, block->m0 + block->m - m0), n = smaller(plan->n, block->n0 + block->n - n0);
    const uint32_t k = smaller(plan->k, p->k - k0);
    const struct tile** const a = &t->as[plan->a_stays ? i : 0];
    const struct tile** const b = &t->bs[plan->a_stays ? 0 : j];
    const struct tile** const bias = &t->biases[plan->a_stays ? 0 : j];
    const struct tile** const c = &t->cs[plan->k < p->k ? i * block->tiles_n + j : 0];
    if (j == 0) *a = load_tile(&t->a, &p->a, m0, k0, m, k);
    if (i == 0) *b = load_tile(&t->b, &p->b, k0, n0, k, n);
    if (k0 == 0) {
        *c = next_of(&t->c);
        if (p->accumulate) tile_load(*c, p->addend, m0, n0, m, n);
        if (p->has_bias && i == 0) {
            *bias = next_of(&t->bias);
            tile_load(*bias, &p->bias, 0, n0, 1, n);
        }
    }
    const struct part part = {m0, n0, m, n};
    const bool last = k0 + k == p->k;
    const struct tile* const x = last ? load_slopes(t, p, &part) : NULL;
    const uint32_t add = k0 || p->accumulate ? MATRIX_ACCUMULATE : 0;
    matrix_multiply(*c, *a, *b, p->has_bias && k0 == 0 ? *bias : NULL, m, n, k, p->mode | add);
    if (last) finish(t, p, &part, *c, x);
}

static void multiply_block(struct tiling* t, struct product* p, struct block block) {
    const struct matmul_plan* plan = &t->plan;
    block.tiles_m = (block.m + plan->m - 1) / plan->m;
    block.tiles_n = (block.n + plan->n - 1) / plan->n;
    for (uint32_t k0 = 0; k0 < p->k; k0 += plan->k) {
        if (plan->a_stays) {
            for (uint32_t j = 0; j < block.tiles_n; ++j)
                for (uint32_t i = 0; i < block.tiles_m; ++i)
                    multiply_tile(t, p, &block, i, j, k0);
        } else {
            for (uint32_t i = 0; i < block.tiles_m; ++i)
                for (uint32_t j = 0; j < block.tiles_n; ++j)
                    multiply_tile(t, p, &block, i, j, k0);
        }
    }
}

void matmul_in_tiles(struct product* p) {
    struct tiling t;
    open_tiling(&t, p);
    for (uint32_t o = 0; o < p->outer_count; ++o)
        for (uint32_t inner = 0; inner < p->inner_count; ++inner) {
            product_move(&p->c, o, inner);
            product_move(&p->a, o, inner);
            product_move(&p->b, o, inner);
            for (uint32_t m0 = 0; m0 < p->m; m0 += t.plan.block_m)
                for (uint32_t n0 = 0; n0 < p->n; n0 += t.plan.block_n) {
                    const uint32_t m = smaller(t.plan.block_m, p->m - m0), n = smaller(t.plan.block_n, p->n - n0);
                    multiply_block(&t, p, (struct block){.m0 = m0, .n0 = n0, .m = m, .n = n});
                }
        }
}
